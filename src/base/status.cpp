#include <rejoin/status.hpp>

#include <atomic>
#include <new>

namespace rejoin {

struct Status::Failure {
  ErrorCode code;
  int sqlite_code;
  std::string message;
  std::atomic<int> sharers{1};
};

namespace {

constexpr int kSqliteNoMemory = 7;  // SQLITE_NOMEM; this layer knows no SQLite

}  // namespace

Status::Status(ErrorCode code, std::string message, int sqlite_code) noexcept {
  if (code == ErrorCode::kOk) return;
  failure_ = new (std::nothrow) Failure{code, sqlite_code, std::move(message)};
  if (failure_ != nullptr) return;
  static Failure no_memory{ErrorCode::kNoMemory, kSqliteNoMemory, std::string()};  // is never given back
  failure_ = &no_memory;
  share();
}

ErrorCode Status::code() const noexcept { return ok() ? ErrorCode::kOk : failure_->code; }

int Status::sqlite_code() const noexcept { return ok() ? 0 : failure_->sqlite_code; }

const std::string& Status::message() const noexcept {
  static const std::string none;
  return ok() ? none : failure_->message;
}

void Status::share() const noexcept { failure_->sharers.fetch_add(1, std::memory_order_relaxed); }

void Status::release() noexcept {
  if (failure_->sharers.fetch_sub(1, std::memory_order_acq_rel) == 1) delete failure_;
}

}  // namespace rejoin
