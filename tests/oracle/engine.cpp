#include "oracle/engine.hpp"

#include <stdexcept>

namespace rejoin::oracle {

Rows Engine::rows(const std::string& db, const std::string& sql, const Row& params) {
  Answer answer = run(db, sql, params);
  if (answer.trapped) throw std::runtime_error("trapped: " + sql);
  if (answer.failure) throw std::runtime_error(answer.failure->message + ": " + sql);
  return answer.results.empty() ? Rows() : std::move(answer.results.back());
}

}  // namespace rejoin::oracle
