#include "kdc/krb5/krb5kdc_messages.h"

#include <limits>

#include "core/asn1/der.h"
#include "core/base/text.h"

namespace mimica::kdc::krb5kdc {
namespace {

// Kinds of messages: context tags 0.. in the order of the variants.
template <typename Variant, typename T, std::size_t I = 0>
constexpr unsigned kind_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Variant>, T>)
    return static_cast<unsigned>(I);
  else
    return kind_of<Variant, T, I + 1>();
}

Bytes text(std::string_view value) { return der::octet_string(as_bytes(value)); }

template <typename Range, typename Encode>
Bytes list(const Range& values, const Encode& encode_one) {
  Bytes content;
  for (const auto& value : values) {
    const Bytes one = encode_one(value);
    content.insert(content.end(), one.begin(), one.end());
  }
  return der::tlv(tag::kSequence, content);
}

Bytes principal(const Principal& name) {
  return der::sequence({der::integer(name.type), list(name.components, text), text(name.realm)});
}

Bytes key(const Key& value) {
  return der::sequence({der::integer(value.encryption_type), der::octet_string(value.value), text(value.salt)});
}

Bytes content(const PrincipalQuery& q) { return der::concat({principal(q.name), der::boolean(q.client)}); }
Bytes content(const AuthorizeQuery& q) {
  return der::concat({principal(q.client), der::octet_string(q.certificate),
                      list(q.intermediates, [](const Bytes& c) { return der::octet_string(c); })});
}
Bytes content(const AuditNotice& q) {
  return der::concat(
      {principal(q.client), principal(q.server), der::integer(q.error), text(q.address), der::integer(q.options)});
}
Bytes content(const PrincipalAnswer& a) {
  return der::concat({der::boolean(a.found), principal(a.name), der::integer(a.key_version), list(a.keys, key),
                      der::boolean(a.requires_preauth), der::boolean(a.may_be_service), der::integer(a.refusal),
                      text(a.refusal_text)});
}
Bytes content(const AuthorizeAnswer& a) {
  return der::concat({der::integer(a.error), text(a.text), list(a.indicators, text)});
}
Bytes content(const AuditAnswer&) { return {}; }
Bytes content(const FailureAnswer& a) { return text(a.text); }

template <typename Variant>
Bytes encode_any(const Variant& message) {
  return std::visit(
      [](const auto& value) {
        return der::tlv(tag::context_constructed(kind_of<Variant, std::decay_t<decltype(value)>>()), content(value));
      },
      message);
}

// Reads the fields in order; the first fault stays.
class Fields {
 public:
  explicit Fields(DerReader reader) : reader_(reader) {}

  void operator()(bool& out) { take(reader_.boolean(), out); }
  void operator()(Bytes& out) { take(reader_.octet_string(), out); }
  void operator()(std::string& out) {
    Bytes bytes;
    (*this)(bytes);
    out = as_text(bytes);
  }
  void operator()(int& out) { number(out); }
  void operator()(std::uint32_t& out) { number(out); }
  void operator()(Principal& out) {
    nested([&](Fields& f) { f.all(out.type, out.components, out.realm); });
  }
  void operator()(Key& out) {
    nested([&](Fields& f) { f.all(out.encryption_type, out.value, out.salt); });
  }
  template <typename T>
  void operator()(std::vector<T>& out) {
    nested([&](Fields& f) {
      while (!f.fault_ && !f.reader_.at_end()) {
        if (out.size() == kMaxElements) return f.fail("there are too many elements");
        f(out.emplace_back());
      }
    });
  }

  template <typename... Outs>
  void all(Outs&... outs) {
    ((*this)(outs), ...);
  }
  Result<void> finish() {
    if (fault_) return *std::move(fault_);
    return reader_.finish();
  }

 private:
  template <typename T>
  void take(Result<T> read, T& out) {
    if (fault_) return;
    if (read)
      out = *std::move(read);
    else
      fault_ = std::move(read).error();
  }
  template <typename T>
  void number(T& out) {
    std::int64_t value = 0;
    take(reader_.integer(), value);
    if (value < std::numeric_limits<T>::min() || value > std::int64_t{std::numeric_limits<T>::max()})
      return fail("the number is out of range");
    out = static_cast<T>(value);
  }
  template <typename Read>
  void nested(const Read& read) {
    if (fault_) return;
    auto inner = reader_.enter(tag::kSequence);
    if (!inner) {
      fault_ = std::move(inner).error();
      return;
    }
    Fields fields(*inner);
    read(fields);
    if (auto done = fields.finish(); !done) fault_ = std::move(done).error();
  }
  void fail(std::string what) {
    if (!fault_) fault_ = fault(std::move(what), {"krb5kdc message", 0, 0, reader_.offset()});
  }

  DerReader reader_;
  std::optional<Fault> fault_;
};

void read(Fields& f, PrincipalQuery& q) { f.all(q.name, q.client); }
void read(Fields& f, AuthorizeQuery& q) { f.all(q.client, q.certificate, q.intermediates); }
void read(Fields& f, AuditNotice& q) { f.all(q.client, q.server, q.error, q.address, q.options); }
void read(Fields& f, PrincipalAnswer& a) {
  f.all(a.found, a.name, a.key_version, a.keys, a.requires_preauth, a.may_be_service, a.refusal, a.refusal_text);
}
void read(Fields& f, AuthorizeAnswer& a) { f.all(a.error, a.text, a.indicators); }
void read(Fields&, AuditAnswer&) {}
void read(Fields& f, FailureAnswer& a) { f.all(a.text); }

template <typename Variant, std::size_t I = 0>
Result<Variant> parse_any(BytesView message) {
  DerReader reader(message);
  const unsigned kind = reader.peek();
  if constexpr (I == std::variant_size_v<Variant>) {
    return fault("unknown kind of message " + std::to_string(kind), {"krb5kdc message", 0, 0, std::size_t{0}});
  } else {
    if (kind != tag::context_constructed(static_cast<unsigned>(I))) return parse_any<Variant, I + 1>(message);
    MIMICA_TRY(const DerReader inner, reader.enter(static_cast<std::uint8_t>(kind)));
    MIMICA_RETURN_IF_FAULT(reader.finish());
    std::variant_alternative_t<I, Variant> value;
    Fields fields(inner);
    read(fields, value);
    MIMICA_RETURN_IF_FAULT(fields.finish());
    return Variant(std::move(value));
  }
}

}  // namespace

std::string to_string(const Principal& name) { return join(name.components, "/") + "@" + name.realm; }

Bytes encode(const Query& query) { return encode_any(query); }
Bytes encode(const Answer& answer) { return encode_any(answer); }
Result<Query> parse_query(BytesView message) { return parse_any<Query>(message); }
Result<Answer> parse_answer(BytesView message) { return parse_any<Answer>(message); }

}  // namespace mimica::kdc::krb5kdc
