#include "net/http.h"

#include <array>
#include <cstdio>

#include "core/base/number.h"

namespace mimica {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<std::uint16_t> digits(std::string_view text) { return parse_decimal<std::uint16_t>(text); }

template <std::size_t N>
std::optional<int> index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (equals_ignore_case(names[i], name)) return static_cast<int>(i);
  return std::nullopt;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& header : headers)
    if (equals_ignore_case(header.first, name)) return std::string_view(header.second);
  return std::nullopt;
}

std::optional<std::string> HttpRequest::path() const {
  std::string_view text = target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_ignore_case(text, scheme)) continue;
    const std::size_t slash = text.find('/', scheme.size());
    text = slash == std::string_view::npos ? std::string_view("/") : text.substr(slash);
  }
  text = text.substr(0, text.find_first_of("?#"));
  std::optional<std::string> decoded = percent_decode(text);
  if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
  return decoded;
}

std::string_view HttpRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

void HttpResponse::set_header(std::string_view name, std::string value) {
  for (auto& header : headers) {
    if (equals_ignore_case(header.first, name)) {
      header.second = std::move(value);
      return;
    }
  }
  headers.emplace_back(std::string(name), std::move(value));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return {};
  }
}

HttpResponse text_response(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.set_header("Content-Type", "text/plain; charset=utf-8");
  response.body = to_bytes(text);
  response.body.push_back('\n');
  return response;
}

std::string to_http_date(Timestamp t) {
  const CivilTime c = to_civil(t);
  const std::int64_t days = (t.seconds >= 0 ? t.seconds : t.seconds - (kDay - 1)) / kDay;
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", kWeekdays[weekday].data(), c.day,
                kMonths[static_cast<std::size_t>(c.month - 1)].data(), c.year, c.hour, c.minute, c.second);
  return out.data();
}

Result<Timestamp> parse_http_date(std::string_view text) {
  const std::string_view shape = trim(text);
  const auto bad = [&] {
    return fault(HResult::ERROR_INVALID_DATA, "'" + std::string(shape.substr(0, 64)) + "' is no RFC 9110 date", {},
                 "write it as Tue, 21 Nov 2000 01:06:53 GMT");
  };
  if (shape.size() != 29 || shape.substr(3, 2) != ", " || shape[7] != ' ' || shape[11] != ' ' || shape[16] != ' ' ||
      shape[19] != ':' || shape[22] != ':' || !equals_ignore_case(shape.substr(25), " GMT"))
    return bad();
  const auto day = digits(shape.substr(5, 2));
  const auto month = index_of(kMonths, shape.substr(8, 3));
  const auto year = digits(shape.substr(12, 4));
  const auto hour = digits(shape.substr(17, 2));
  const auto minute = digits(shape.substr(20, 2));
  const auto second = digits(shape.substr(23, 2));
  if (!index_of(kWeekdays, shape.substr(0, 3)) || !day || !month || !year || !hour || !minute || !second) return bad();
  const CivilTime c{*year, *month + 1, *day, *hour, *minute, *second};
  if (!is_valid(c)) return bad();
  return from_civil(c);
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || keep.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[octet >> 4U];
    out += kHex[octet & 0xFU];
  }
  return out;
}

}  // namespace mimica
