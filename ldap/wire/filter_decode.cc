#include "ldap/wire/filter_decode.h"

#include "ldap/wire/ber_tags.h"

namespace mimica::ldap {
namespace {

using namespace ber;

bool is_description(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
          c == ';' || c == '_'))
      return false;
  return true;
}

class FilterDecoder {
 public:
  Result<Filter> decode(BerReader& reader, std::size_t depth) {
    if (depth > kMaxFilterDepth) return reader.bad("the filter is nested too deeply");
    if (++nodes_ > kMaxFilterNodes) return reader.bad("the filter has too many parts");
    MIMICA_TRY(const auto element, reader.next());
    BerReader inner = reader.inside(element);
    Filter out;
    switch (element.tag) {
      case context_constructed(0):
      case context_constructed(1):
        out.kind = element.tag == context_constructed(0) ? Filter::Kind::all : Filter::Kind::any;
        while (!inner.at_end()) {
          MIMICA_TRY(auto child, decode(inner, depth + 1));
          out.children.push_back(std::move(child));
        }
        return out;
      case context_constructed(2): {
        out.kind = Filter::Kind::negation;
        MIMICA_TRY(auto child, decode(inner, depth + 1));
        out.children.push_back(std::move(child));
        MIMICA_RETURN_IF_FAULT(inner.finish("a negation"));
        return out;
      }
      case context_constructed(3):
        out.kind = Filter::Kind::equality;
        break;
      case context_constructed(5):
        out.kind = Filter::Kind::greater_or_equal;
        break;
      case context_constructed(6):
        out.kind = Filter::Kind::less_or_equal;
        break;
      case context_constructed(8):
        out.kind = Filter::Kind::approximate;
        break;
      case context_constructed(4):
        return substrings(inner);
      case context(7):
        out.kind = Filter::Kind::present;
        out.attribute = to_string(element.content);
        if (!is_description(out.attribute)) return reader.bad("the filter names no attribute");
        return out;
      case context_constructed(9):
        return extensible(inner);
      default:
        return reader.bad("unknown kind of filter");
    }
    MIMICA_TRY(out.attribute, inner.text(kOctetString, "an attribute of a filter"));
    MIMICA_TRY(out.value, inner.text(kOctetString, "a value of a filter"));
    MIMICA_RETURN_IF_FAULT(inner.finish("a filter item"));
    if (!is_description(out.attribute)) return inner.bad("the filter names no attribute");
    return out;
  }

 private:
  static Result<Filter> substrings(BerReader& reader) {
    Filter out;
    out.kind = Filter::Kind::substrings;
    MIMICA_TRY(out.attribute, reader.text(kOctetString, "an attribute of a filter"));
    if (!is_description(out.attribute)) return reader.bad("the filter names no attribute");
    MIMICA_TRY(auto parts, reader.enter(kSequence, "substrings"));
    MIMICA_RETURN_IF_FAULT(reader.finish("substrings"));
    bool done = false;
    while (!parts.at_end()) {
      MIMICA_TRY(const auto part, parts.next());
      if (part.content.empty() || done) return parts.bad("a substring is empty or follows the final one");
      if (part.tag == context(0)) {
        if (!out.initial.empty() || !out.middle.empty()) return parts.bad("the initial substring is not the first");
        out.initial = to_string(part.content);
      } else if (part.tag == context(1)) {
        out.middle.push_back(to_string(part.content));
      } else if (part.tag == context(2)) {
        out.final = to_string(part.content);
        done = true;
      } else {
        return parts.bad("unknown kind of substring");
      }
    }
    if (out.initial.empty() && out.middle.empty() && out.final.empty()) return parts.bad("there are no substrings");
    return out;
  }
  static Result<Filter> extensible(BerReader& reader) {
    Filter out;
    out.kind = Filter::Kind::extensible;
    if (reader.peek() == context(1)) {
      MIMICA_TRY(out.rule, reader.text(context(1), "a matching rule"));
      if (!is_description(out.rule)) return reader.bad("the matching rule has no name");
    }
    if (reader.peek() == context(2)) {
      MIMICA_TRY(out.attribute, reader.text(context(2), "an attribute"));
      if (!is_description(out.attribute)) return reader.bad("the filter names no attribute");
    }
    MIMICA_TRY(out.value, reader.text(context(3), "a value"));
    if (reader.peek() == context(4)) {
      MIMICA_TRY(out.dn_attributes, reader.boolean(context(4), "dnAttributes"));
    }
    MIMICA_RETURN_IF_FAULT(reader.finish("an extensible match"));
    if (out.attribute.empty() && out.rule.empty())
      return reader.bad("an extensible match needs an attribute or a rule");
    return out;
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Result<Filter> read_filter(BerReader& reader) { return FilterDecoder().decode(reader, 1); }

}  // namespace mimica::ldap
