#include "ldap/filter.h"

#include <optional>

#include "core/base/bytes.h"
#include "core/base/number.h"
#include "ldap/directory.h"

namespace mimica::ldap {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == ';' || c == '_';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Filter> parse() {
    if (text_.size() > kMaxFilterText) return bad("the filter is too long");
    skip_blanks();
    if (at_ == text_.size()) return bad("the filter is empty");
    MIMICA_TRY(auto filter, text_[at_] == '(' ? parse_filter(1) : parse_item());
    skip_blanks();
    if (at_ != text_.size()) return bad("text follows the filter");
    return filter;
  }

 private:
  Fault bad(std::string what) const {
    return fault(LdapCode::protocolError, "bad search filter: " + std::move(what),
                 {.source = "filter", .line = 0, .column = static_cast<int>(at_) + 1, .offset = {}});
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  Result<Filter> parse_filter(std::size_t depth) {
    if (depth > kMaxFilterDepth) return bad("nested too deeply");
    if (++nodes_ > kMaxFilterNodes) return bad("too many parts");
    if (!next_is('(')) return bad("expected '('");
    ++at_;
    skip_blanks();
    Filter out;
    if (next_is('&') || next_is('|')) {
      out.kind = text_[at_] == '&' ? Filter::Kind::all : Filter::Kind::any;
      ++at_;
      skip_blanks();
      while (next_is('(')) {
        MIMICA_TRY(auto child, parse_filter(depth + 1));
        out.children.push_back(std::move(child));
        skip_blanks();
      }
    } else if (next_is('!')) {
      out.kind = Filter::Kind::negation;
      ++at_;
      skip_blanks();
      MIMICA_TRY(auto child, parse_filter(depth + 1));
      out.children.push_back(std::move(child));
      skip_blanks();
    } else {
      MIMICA_TRY(out, parse_item());
    }
    if (!next_is(')')) return bad("expected ')'");
    ++at_;
    return out;
  }

  // Reads a value up to ')' or the end; `stars` receives the parts between unescaped '*'.
  Result<std::vector<std::string>> value_parts() {
    std::vector<std::string> parts(1);
    while (at_ < text_.size() && text_[at_] != ')') {
      const char c = text_[at_];
      if (c == '(') return bad("'(' must be escaped in a value");
      if (c == '*') {
        parts.emplace_back();
        ++at_;
      } else if (c == '\\') {
        const int high = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : -1;
        const int low = at_ + 2 < text_.size() ? hex_digit(text_[at_ + 2]) : -1;
        if (high < 0 || low < 0) return bad("'\\' must be followed by two hexadecimal digits");
        parts.back().push_back(static_cast<char>(high << 4 | low));
        at_ += 3;
      } else {
        parts.back().push_back(c);
        ++at_;
      }
    }
    return parts;
  }

  Result<Filter> parse_item() {
    Filter out;
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    out.attribute = text_.substr(start, at_ - start);
    skip_blanks();
    if (at_ == text_.size()) return bad("expected an operator");
    const char op = text_[at_];
    if (op == ':') return parse_extensible(std::move(out));
    if (out.attribute.empty()) return bad("expected an attribute name");
    ++at_;
    if (op != '=') {
      out.kind = op == '>'   ? Filter::Kind::greater_or_equal
                 : op == '<' ? Filter::Kind::less_or_equal
                             : Filter::Kind::approximate;
      if ((op != '>' && op != '<' && op != '~') || !next_is('=')) return bad("expected '=', '>=', '<=', '~=' or ':='");
      ++at_;
      MIMICA_TRY(auto parts, value_parts());
      if (parts.size() != 1) return bad("'*' must be escaped in this value");
      out.value = std::move(parts.front());
      return out;
    }
    MIMICA_TRY(auto parts, value_parts());
    if (parts.size() == 1) {
      out.kind = Filter::Kind::equality;
      out.value = std::move(parts.front());
      return out;
    }
    if (parts.size() == 2 && parts[0].empty() && parts[1].empty()) {
      out.kind = Filter::Kind::present;
      return out;
    }
    out.kind = Filter::Kind::substrings;
    out.initial = std::move(parts.front());
    out.final = std::move(parts.back());
    for (std::size_t i = 1; i + 1 < parts.size(); ++i)
      if (!parts[i].empty()) out.middle.push_back(std::move(parts[i]));
    if (out.initial.empty() && out.final.empty() && out.middle.empty()) out.kind = Filter::Kind::present;
    return out;
  }

  Result<Filter> parse_extensible(Filter out) {
    out.kind = Filter::Kind::extensible;
    // attr[:dn][:rule]:=value
    while (next_is(':')) {
      ++at_;
      if (next_is('=')) {
        ++at_;
        if (out.attribute.empty() && out.rule.empty()) return bad("an extensible match needs an attribute or a rule");
        MIMICA_TRY(auto parts, value_parts());
        if (parts.size() != 1) return bad("'*' must be escaped in this value");
        out.value = std::move(parts.front());
        return out;
      }
      const std::size_t start = at_;
      while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
      const std::string_view word = text_.substr(start, at_ - start);
      if (word.empty()) return bad("expected a matching rule");
      if (equals_ignore_case(word, "dn") && !out.dn_attributes && out.rule.empty()) {
        out.dn_attributes = true;
      } else if (out.rule.empty()) {
        out.rule = word;
      } else {
        return bad("more than one matching rule");
      }
    }
    return bad("expected ':='");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
};

void print(const Filter& filter, std::string& out) {
  out += '(';
  switch (filter.kind) {
    case Filter::Kind::all:
    case Filter::Kind::any:
    case Filter::Kind::negation:
      out += filter.kind == Filter::Kind::all ? '&' : filter.kind == Filter::Kind::any ? '|' : '!';
      for (const Filter& child : filter.children) print(child, out);
      break;
    case Filter::Kind::equality:
      out += filter.attribute + "=" + escape_filter(filter.value);
      break;
    case Filter::Kind::greater_or_equal:
      out += filter.attribute + ">=" + escape_filter(filter.value);
      break;
    case Filter::Kind::less_or_equal:
      out += filter.attribute + "<=" + escape_filter(filter.value);
      break;
    case Filter::Kind::approximate:
      out += filter.attribute + "~=" + escape_filter(filter.value);
      break;
    case Filter::Kind::present:
      out += filter.attribute + "=*";
      break;
    case Filter::Kind::substrings:
      out += filter.attribute + "=" + escape_filter(filter.initial) + "*";
      for (const std::string& part : filter.middle) out += escape_filter(part) + "*";
      out += escape_filter(filter.final);
      break;
    case Filter::Kind::extensible:
      out += filter.attribute;
      if (filter.dn_attributes) out += ":dn";
      if (!filter.rule.empty()) out += ":" + filter.rule;
      out += ":=" + escape_filter(filter.value);
      break;
  }
  out += ')';
}

}  // namespace

Filter Filter::present_of(std::string_view attribute) {
  Filter out;
  out.attribute = attribute;
  return out;
}

Filter Filter::equal(std::string_view attribute, std::string_view value) {
  Filter out;
  out.kind = Kind::equality;
  out.attribute = attribute;
  out.value = value;
  return out;
}

Result<Filter> parse_filter(std::string_view text) { return Parser(text).parse(); }

std::string filter_text(const Filter& filter) {
  std::string out;
  print(filter, out);
  return out;
}

}  // namespace mimica::ldap
