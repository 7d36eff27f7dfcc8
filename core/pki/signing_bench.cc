// What limits issuance: the raw signature. Compare SignCertificate/<key> with RawSign/<key> of the same run, and
// ReadRequest, which checks the proof of possession as a CA must.
#include <benchmark/benchmark.h>

#include "core/pki/certificate.h"

namespace mimica {
namespace {

const PrivateKey& key_of(const KeySpec& spec) {
  static const PrivateKey rsa = *PrivateKey::generate({KeyKind::rsa, 2048});
  static const PrivateKey ec = *PrivateKey::generate({KeyKind::ec, 256});
  return spec.kind == KeyKind::rsa ? rsa : ec;
}
constexpr KeySpec kRsa{KeyKind::rsa, 2048};
constexpr KeySpec kEc{KeyKind::ec, 256};

CertificateFields user_certificate() {
  GeneralName upn;
  upn.kind = GeneralName::Kind::upn;
  upn.text = "jane.doe@contoso.com";
  CertificateFields fields;
  fields.serial = *from_hex("6200000032e1a5c3915131097b000000000032");
  fields.issuer_der = Name::parse_rfc4514("CN=CONTOSO-CA,DC=contoso,DC=com")->to_der();
  fields.subject_der = Name::parse_rfc4514("CN=Jane Doe,OU=Users,DC=contoso,DC=com")->to_der();
  fields.not_before = *parse_iso("2025-01-01");
  fields.not_after = *parse_iso("2026-01-01");
  fields.spki = key_of(kRsa).public_key().spki();
  fields.extensions = {
      {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(Bytes(20, 1))},
      {oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(Bytes(20, 2))},
      {oids::kCrlDistributionPoints, false, ext::distribution_points({"http://pki.contoso.com/CONTOSO-CA.crl"})},
      {oids::kTemplateInfo, false, ext::template_info({Oid("1.3.6.1.4.1.311.21.8.1.2.3"), 100, 5})},
      {oids::kKeyUsage, true, ext::key_usage(Bytes{0xA0})},
      {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})},
      {oids::kSubjectAltName, false, encode_general_names({upn})},
      {oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1004336348-1177238915-682003330-1105"))},
  };
  return fields;
}

void RawSign(benchmark::State& state, const KeySpec& spec) {
  const Bytes data(900, 0x30);  // about the size of a certificate's to-be-signed part
  for (auto _ : state) benchmark::DoNotOptimize(key_of(spec).sign(Digest::sha256, data));
  state.SetItemsProcessed(state.iterations());
}

void SignCertificate(benchmark::State& state, const KeySpec& spec) {
  const CertificateFields fields = user_certificate();
  for (auto _ : state) benchmark::DoNotOptimize(sign_certificate(fields, key_of(spec), Digest::sha256));
  state.SetItemsProcessed(state.iterations());
}

void ReadRequest(benchmark::State& state, const KeySpec& spec) {
  RequestSpec wanted;
  wanted.subject = *Name::parse_rfc4514("CN=Jane Doe,OU=Users,DC=contoso,DC=com");
  wanted.extensions = {{oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-1105"))}};
  wanted.name_value_pairs = {{"CertificateTemplate", "IntuneUser"}};
  const Bytes der = *make_request(wanted, key_of(spec));
  for (auto _ : state) {
    const auto request = CertificateRequest::parse(der);
    benchmark::DoNotOptimize(request->signature_valid());
  }
  state.SetItemsProcessed(state.iterations());
}

// Request in, certificate out: parsing, proof of possession, assembling, signing.
void Issue(benchmark::State& state, const KeySpec& authority, const KeySpec& subject) {
  RequestSpec wanted;
  wanted.subject = *Name::parse_rfc4514("CN=Jane Doe,OU=Users,DC=contoso,DC=com");
  const Bytes der = *make_request(wanted, key_of(subject));
  CertificateFields fields = user_certificate();
  for (auto _ : state) {
    const auto request = CertificateRequest::parse(der);
    if (!request->signature_valid().value_or(false)) state.SkipWithError("the request does not verify");
    fields.spki = request->public_key().spki();
    benchmark::DoNotOptimize(sign_certificate(fields, key_of(authority), Digest::sha256));
  }
  state.SetItemsProcessed(state.iterations());
}

void ReadCertificate(benchmark::State& state) {
  const Bytes der = *sign_certificate(user_certificate(), key_of(kEc), Digest::sha256);
  for (auto _ : state) benchmark::DoNotOptimize(Certificate::parse(der));
  state.SetItemsProcessed(state.iterations());
}

void NormaliseDn(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(normalise_dn("CN=Jane Doe,OU=Users,OU=Berlin,DC=contoso,DC=com"));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(RawSign, rsa2048, kRsa);
BENCHMARK_CAPTURE(SignCertificate, rsa2048, kRsa);
BENCHMARK_CAPTURE(RawSign, p256, kEc);
BENCHMARK_CAPTURE(SignCertificate, p256, kEc);
BENCHMARK_CAPTURE(ReadRequest, rsa2048, kRsa);
BENCHMARK_CAPTURE(ReadRequest, p256, kEc);
BENCHMARK_CAPTURE(Issue, ca_rsa2048_request_rsa2048, kRsa, kRsa);
BENCHMARK_CAPTURE(Issue, ca_rsa2048_request_p256, kRsa, kEc);
BENCHMARK_CAPTURE(Issue, ca_p256_request_rsa2048, kEc, kRsa);
BENCHMARK_CAPTURE(Issue, ca_p256_request_p256, kEc, kEc);
BENCHMARK(ReadCertificate);
BENCHMARK(NormaliseDn);

}  // namespace
}  // namespace mimica
