#include "kdc/mapping/key_credential.h"

#include <algorithm>

#include "core/asn1/der.h"

namespace mimica::kdc {
namespace {

constexpr std::uint32_t kVersion2 = 0x200;
constexpr std::uint32_t kRsa1 = 0x31415352;  // "RSA1", BCRYPT_RSAPUBLIC_MAGIC
constexpr std::size_t kRsaHeader = 24;
constexpr std::uint8_t kKeyId = 1, kKeyHash = 2, kMaterial = 3, kUsage = 4, kSource = 5, kDeviceId = 6, kLastLogon = 8,
                       kCreated = 9;

std::uint64_t little_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

void put(Bytes& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_entry(Bytes& out, std::uint8_t identifier, BytesView value) {
  put(out, value.size(), 2);
  out.push_back(identifier);
  out.insert(out.end(), value.begin(), value.end());
}

BytesView without_leading_zeros(BytesView number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return number;
}

bool same(BytesView a, BytesView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

struct RsaNumbers {
  Bytes modulus, exponent;
};

// RSAPublicKey inside a SubjectPublicKeyInfo (RFC 3279 2.3.1).
Result<RsaNumbers> rsa_numbers(BytesView spki) {
  DerReader top(spki);
  MIMICA_TRY(auto info, top.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(info.expect(tag::kSequence));
  MIMICA_TRY(const BytesView bits, info.bit_string());
  DerReader key(bits);
  MIMICA_TRY(auto numbers, key.enter(tag::kSequence));
  RsaNumbers out;
  MIMICA_TRY(out.modulus, numbers.big_integer());
  MIMICA_TRY(out.exponent, numbers.big_integer());
  return out;
}

bool rsa_blob_is(BytesView blob, const PublicKey& key) {
  if (key.spec().kind != KeyKind::rsa || blob.size() < kRsaHeader) return false;
  const auto word = [&](std::size_t i) { return static_cast<std::size_t>(little_endian(blob.subspan(4 * i, 4))); };
  const std::size_t exponent_size = word(2), modulus_size = word(3);
  const BytesView numbers = blob.subspan(kRsaHeader);
  if (word(0) != kRsa1 || exponent_size > numbers.size() || modulus_size != numbers.size() - exponent_size)
    return false;
  const auto wanted = rsa_numbers(key.spki());
  return wanted && same(without_leading_zeros(numbers.first(exponent_size)), wanted->exponent) &&
         same(without_leading_zeros(numbers.subspan(exponent_size)), wanted->modulus);
}

Fault bad(std::string what) {
  return fault(LdapCode::invalidAttributeSyntax, std::move(what), {"msDS-KeyCredentialLink", 0, 0, {}});
}

Result<Bytes> blob_of(BytesView value) {
  if (value.size() > 3 * kMaxKeyCredentialSize) return bad("the value is too long");
  const std::string_view text = as_text(value);
  if (!text.starts_with("B:")) return to_bytes(value);
  const auto parts = split(text, ':');
  if (parts.size() < 4) return bad("a DN-Binary value has the form B:<digits>:<hex>:<DN>");
  if (parts[1] != std::to_string(parts[2].size())) return bad("the length of the DN-Binary value is wrong");
  auto blob = from_hex(parts[2]);
  if (!blob) return bad("the binary part is not hexadecimal");
  return *std::move(blob);
}

}  // namespace

Result<KeyCredential> parse_key_credential(BytesView value) {
  MIMICA_TRY(const Bytes blob, blob_of(value));
  BytesView rest = blob;
  if (rest.size() > kMaxKeyCredentialSize) return bad("the blob is too long");
  if (rest.size() < 4 || little_endian(rest.first(4)) != kVersion2) return bad("the blob is not of version 2");
  rest = rest.subspan(4);
  KeyCredential out;
  std::uint8_t previous = 0;
  while (!rest.empty()) {
    if (rest.size() < 3) return bad("an entry ends too early");
    const auto size = static_cast<std::size_t>(little_endian(rest.first(2)));
    const std::uint8_t identifier = rest[2];
    if (size > rest.size() - 3) return bad("an entry is longer than the blob");
    if (identifier <= previous) return bad("the entries are not in increasing order");
    previous = identifier;
    const BytesView content = rest.subspan(3, size);
    rest = rest.subspan(3 + size);
    const auto is_octet = [&] { return content.size() == 1; };
    switch (identifier) {
      case kKeyId:
        out.key_id = to_bytes(content);
        break;
      case kKeyHash:
        if (!same(content, digest(Digest::sha256, rest))) return bad("the KeyHash does not cover the entries after it");
        break;
      case kMaterial:
        out.material = to_bytes(content);
        break;
      case kUsage:
        if (!is_octet()) return bad("KeyUsage must be one octet");
        out.usage = content[0];
        break;
      case kSource:
        if (!is_octet()) return bad("KeySource must be one octet");
        out.source = content[0];
        break;
      case kDeviceId: {
        MIMICA_TRY(out.device, Guid::from_binary(content));
        break;
      }
      case kCreated:
        if (content.size() != 8) return bad("KeyCreationTime must be eight octets");
        if (const std::uint64_t time = little_endian(content); time <= INT64_MAX)
          out.created = from_filetime(static_cast<std::int64_t>(time));
        break;
      default:
        break;
    }
  }
  if (out.key_id.empty() || out.material.empty() || out.usage == 0)
    return bad("KeyID, KeyMaterial and KeyUsage are required");
  if (out.key_id != digest(Digest::sha256, out.material)) return bad("the KeyID is not the hash of the KeyMaterial");
  return out;
}

bool holds_key(const KeyCredential& credential, const PublicKey& key) {
  if (credential.usage != static_cast<std::uint8_t>(KeyUsage::ngc)) return false;
  return credential.material == key.spki() || rsa_blob_is(credential.material, key);
}

bool any_holds_key(const std::vector<Bytes>& values, const PublicKey& key) {
  return std::any_of(values.begin(), values.end(), [&](const Bytes& value) {
    const auto credential = parse_key_credential(value);
    return credential && holds_key(*credential, key);
  });
}

Result<Bytes> make_key_credential(const PublicKey& key, const Guid& device, Timestamp created) {
  if (key.spec().kind != KeyKind::rsa) return bad("only RSA keys can be registered");
  MIMICA_TRY(const RsaNumbers numbers, rsa_numbers(key.spki()));
  Bytes material;
  put(material, kRsa1, 4);
  put(material, static_cast<std::uint64_t>(key.spec().bits), 4);
  put(material, numbers.exponent.size(), 4);
  put(material, numbers.modulus.size(), 4);
  put(material, 0, 8);  // no primes in a public key
  material.insert(material.end(), numbers.exponent.begin(), numbers.exponent.end());
  material.insert(material.end(), numbers.modulus.begin(), numbers.modulus.end());

  Bytes time;
  put(time, static_cast<std::uint64_t>(to_filetime(created)), 8);
  Bytes hashed;  // what KeyHash covers
  put_entry(hashed, kMaterial, material);
  put_entry(hashed, kUsage, Bytes{static_cast<std::uint8_t>(KeyUsage::ngc)});
  put_entry(hashed, kSource, Bytes{0});
  put_entry(hashed, kDeviceId, device.to_binary());
  put_entry(hashed, kLastLogon, time);
  put_entry(hashed, kCreated, time);

  Bytes blob;
  put(blob, kVersion2, 4);
  put_entry(blob, kKeyId, digest(Digest::sha256, material));
  put_entry(blob, kKeyHash, digest(Digest::sha256, hashed));
  blob.insert(blob.end(), hashed.begin(), hashed.end());
  return blob;
}

std::string dn_binary(BytesView blob, std::string_view dn) {
  const std::string hex = to_hex_upper(blob);
  return "B:" + std::to_string(hex.size()) + ":" + hex + ":" + std::string(dn);
}

}  // namespace mimica::kdc
