#include <net/http.hpp>

#include <net/text.hpp>

#include <boost/beast/http/error.hpp>

#include <string_view>
#include <utility>

namespace rejoin::net {
namespace {

constexpr std::size_t kScheme = 7;  // "Bearer "

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

Answer make_answer(http::status status, const char* type, std::string body) {
  Answer answer(status, 11);
  answer.set(http::field::server, "rejoin/" REJOIN_VERSION);
  answer.set(http::field::content_type, type);
  answer.set(http::field::cache_control, "no-store");
  answer.set("X-Content-Type-Options", "nosniff");
  if (status == http::status::unauthorized) answer.set(http::field::www_authenticate, "Bearer");
  if (status == http::status::method_not_allowed) answer.set(http::field::allow, "GET");
  if (status == http::status::service_unavailable) answer.set(http::field::retry_after, "10");
  answer.keep_alive(false);
  answer.body() = std::move(body);
  answer.prepare_payload();
  return answer;
}

}  // namespace

Greeting greeting_of(const Request& request) {
  const std::string target = text_of(request.target());
  Greeting greeting;
  greeting.path = path_of(target);
  greeting.query = query_of(target);
  // The field may come several times, which is one list.
  const auto offered = request.equal_range(http::field::sec_websocket_protocol);
  for (auto field = offered.first; field != offered.second; ++field) {
    for (std::string& name : list_of(text_of(field->value()))) greeting.subprotocols.push_back(std::move(name));
  }
  const std::string authorization = text_of(request[http::field::authorization]);
  if (boost::beast::iequals(authorization.substr(0, kScheme), "Bearer ")) {
    greeting.bearer = authorization.substr(kScheme);
  }
  return greeting;
}

Answer text_answer(http::status status, const std::string& text) {
  return make_answer(status, "text/plain; charset=utf-8", text + "\n");
}

Answer page_for(const Request& request, const Metrics& metrics, const std::vector<Protocol>& protocols) {
  if (request.method() != http::verb::get) return text_answer(http::status::method_not_allowed, "only GET is known");
  const std::string target = text_of(request.target());
  const std::string_view path = path_of(target);
  if (path == "/healthz") return text_answer(http::status::ok, "ok");
  if (path == "/metrics") {
    return make_answer(http::status::ok, "text/plain; version=0.0.4; charset=utf-8", metrics_text(metrics, protocols));
  }
  if (path == "/") {
    return make_answer(http::status::ok, "text/html; charset=utf-8", status_page(metrics, protocols));
  }
  return text_answer(http::status::not_found, "no such page; rooms are for WebSockets");
}

Answer answer_to_rubbish(const error_code& error) {
  if (error == http::error::header_limit) {
    return text_answer(http::status::request_header_fields_too_large, "the request is too large");
  }
  return text_answer(http::status::bad_request, "this is no HTTP request that the hub understands");
}

}  // namespace rejoin::net
