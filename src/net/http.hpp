// The HTTP side of the hub: what is asked for, and the pages that are no WebSocket.
#pragma once

#include <string>
#include <vector>

#include <net/boost.hpp>
#include <net/metrics.hpp>
#include <net/protocol.hpp>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace rejoin::net {

namespace http = boost::beast::http;

using Request = http::request<http::empty_body>;
using RequestParser = http::request_parser<http::empty_body>;
using Answer = http::response<http::string_body>;

/// What an upgrade request says.
Greeting greeting_of(const Request& request);

/// An answer in plain text, after which the connection is closed.
Answer text_answer(http::status status, const std::string& text);

/// The answer to a request that is no upgrade.
Answer page_for(const Request& request, const Metrics& metrics, const std::vector<Protocol>& protocols);

/// The answer to bytes that are no request.
Answer answer_to_rubbish(const error_code& error);

}  // namespace rejoin::net
