/// @file
/// What an operation came to: fine, or an error with a message a person can act on.
///
/// Nothing in Rejoin throws across its boundary: every call that can fail returns a Status or a Result<T>.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <rejoin/export.h>

namespace rejoin {

/// What kind of thing went wrong. `sqlite_code()` of the Status has SQLite's own number where there is one.
enum class ErrorCode {
  kOk,               ///< all is well
  kInvalidArgument,  ///< the caller's input is malformed or out of bounds; nothing was changed
  kUnknownSchema,    ///< a change names a table or a column that is not a CRR here; nothing was changed
  kNotEligible,      ///< a table cannot become a CRR as it is declared; nothing was changed
  kUnsupported,      ///< the database was written by a version that this build does not read or write
  kCorrupt,          ///< shadow tables or the file do not hold together
  kBusy,             ///< a lock that is needed is another's, or what was read is outdated, or a statement is in the way
  kReadOnly,         ///< the database cannot be written through this connection
  kNoMemory,         ///< an allocation failed
  kSqlite,           ///< any other error of SQLite, with its message
};

/// An error code with its message; a null pointer where all is well, so that returning and testing one costs next to
/// nothing. Copies share the message, from any thread. Neither making nor copying one throws: where there is no memory
/// for what it should say, it says kNoMemory.
class [[nodiscard]] REJOIN_API Status {
 public:
  Status() noexcept = default;  ///< all is well
  /// kOk makes a fine Status, whatever the message.
  Status(ErrorCode code, std::string message, int sqlite_code = 0) noexcept;
  /// Shares the message.
  Status(const Status& other) noexcept : failure_(other.failure_) {
    if (failure_ != nullptr) share();
  }
  // What every call that can fail ends with is inlined where code is made small too: so it is both smaller and faster.

  /// Leaves a fine Status behind.
  [[gnu::always_inline]] Status(Status&& other) noexcept : failure_(std::exchange(other.failure_, nullptr)) {}
  /// Lets go of what it was.
  Status& operator=(Status other) noexcept {
    std::swap(failure_, other.failure_);
    return *this;
  }
  [[gnu::always_inline]] ~Status() {
    if (failure_ != nullptr) release();
  }

  /// Whether all is well.
  [[nodiscard]] [[gnu::always_inline]] bool ok() const noexcept { return failure_ == nullptr; }
  /// What kind of thing went wrong; kOk where all is well.
  [[nodiscard]] ErrorCode code() const noexcept;
  /// SQLite's result code where the error came from SQLite, else 0; an extended one where the connection gives those
  /// (sqlite3_extended_result_codes).
  [[nodiscard]] int sqlite_code() const noexcept;
  /// One sentence for a person, without a full stop: what is wrong, and in which table, column or file. Empty where all
  /// is well or there was no memory for it. Lives as long as this Status.
  [[nodiscard]] const std::string& message() const noexcept;

 private:
  struct Failure;
  void share() const noexcept;
  void release() noexcept;

  Failure* failure_ = nullptr;
};

/// The result code of SQLite that says the same, or nearly so: SQLITE_OK (0) where all is well, sqlite_code() where
/// there is one, else SQLITE_NOMEM, SQLITE_BUSY, SQLITE_READONLY, SQLITE_CORRUPT or SQLITE_ERROR.
REJOIN_API int result_code(const Status& status) noexcept;

/// A value, or the Status that says why there is none. Reading the value of a failed Result is a mistake of the caller:
/// ask ok() first.
template <typename T>
class [[nodiscard]] Result {
 public:
  /// There is a value.
  Result(T value) : value_(std::move(value)) {}  // NOLINT: a value is a result
  /// There is none; `status` is not fine.
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: so is an error

  /// Whether there is a value.
  [[nodiscard]] bool ok() const { return value_.has_value(); }
  /// Why there is none; fine where there is one.
  [[nodiscard]] Status status() const { return status_; }
  /// The value, which lives as long as this Result, or is moved out of one that goes.
  /// @{
  [[nodiscard]] T& value() & { return *value_; }
  [[nodiscard]] const T& value() const& { return *value_; }
  [[nodiscard]] T&& value() && { return *std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// @}

 private:
  std::optional<T> value_;
  Status status_;  // fine where there is a value
};

}  // namespace rejoin
