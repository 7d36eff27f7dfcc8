// A small PKI, temporary folders and outside programs for the tests of this folder.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/pki/certificate.h"

namespace mimica::pki {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, BytesView content) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

// The first of the fixed test keys of that file: "rsa-2048", "p-256", ...
inline PrivateKey fixed_key(std::string_view file) {
  const std::string pem = read_file(std::string(MIMICA_SOURCE_DIR) + "/scenarios/keys/" + std::string(file) + ".pem");
  auto key = PrivateKey::from_pem(pem);
  EXPECT_TRUE(key) << file;
  return key ? *key : PrivateKey();
}

inline PrivateKey new_key() { return *PrivateKey::generate({KeyKind::ec, 256}); }
inline Timestamp at(std::string_view iso) { return *parse_iso(iso); }

struct Usage {
  bool ca = true;
  std::uint8_t key_usage = 0x06;  // keyCertSign, cRLSign; 0: no extension
};

inline std::vector<Extension> ca_extensions(const PrivateKey& key, const Usage& usage = {}) {
  std::vector<Extension> out{
      {oids::kBasicConstraints, true, ext::basic_constraints(usage.ca, std::nullopt)},
      {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key.public_key().key_identifier())}};
  if (usage.key_usage != 0) out.push_back({oids::kKeyUsage, true, ext::key_usage(BytesView(&usage.key_usage, 1))});
  return out;
}

struct Party {
  PrivateKey key;
  Certificate certificate;
};

// A certificate of `subject` signed by `issuer`, whose key identifier it names; self-signed when that is null.
inline Party certify(const std::string& subject, const Party* issuer, std::vector<Extension> extensions,
                     PrivateKey key = new_key(), Timestamp from = at("2025-01-01"), Timestamp to = at("2026-01-01"),
                     Bytes serial = {0x11, 0x22}) {
  const Bytes name = Name::parse_rfc4514(subject)->to_der();
  CertificateFields fields;
  fields.serial = std::move(serial);
  fields.subject_der = name;
  fields.issuer_der = issuer == nullptr ? name : to_bytes(issuer->certificate.subject_der());
  fields.not_before = from;
  fields.not_after = to;
  fields.spki = key.public_key().spki();
  fields.extensions = std::move(extensions);
  if (issuer != nullptr)
    if (const auto id = issuer->certificate.subject_key_identifier())
      fields.extensions.push_back({oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(*id)});
  const auto der = sign_certificate(fields, issuer == nullptr ? key : issuer->key, Digest::sha256);
  auto certificate = Certificate::parse(*der);
  EXPECT_TRUE(certificate) << (certificate ? "" : certificate.error().describe());
  return {std::move(key), *std::move(certificate)};
}

inline Party root(const std::string& subject = "CN=Root,DC=contoso,DC=com", PrivateKey key = new_key()) {
  std::vector<Extension> extensions = ca_extensions(key);
  return certify(subject, nullptr, std::move(extensions), std::move(key), at("2020-01-01"), at("2040-01-01"));
}

inline Bytes crl_of(const Party& issuer, std::vector<RevokedEntry> revoked = {}, Timestamp from = at("2025-06-01"),
                    Timestamp to = at("2025-06-08")) {
  CrlFields fields;
  fields.issuer_der = to_bytes(issuer.certificate.subject_der());
  fields.this_update = from;
  fields.next_update = to;
  fields.revoked = std::move(revoked);
  fields.extensions = {
      {oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(issuer.key.public_key().key_identifier())},
      {oids::kCrlNumber, false, der::integer(7)}};
  return *sign_crl(fields, issuer.key, Digest::sha256);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-test-XXXXXX").string();
    const char* made = mkdtemp(pattern.data());
    EXPECT_NE(made, nullptr);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct Run {
  int status = -1;
  std::string output;  // both streams
};

// Runs a shell command line inside the folder.
inline Run run_in(const TemporaryFolder& folder, const std::string& command) {
  Run out;
  FILE* pipe = popen(("cd '" + (folder / "").string() + "' && { " + command + " ; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.output.append(buffer, n);
  const int status = pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

inline bool have_openssl() {
  static const bool found = std::system("openssl version >/dev/null 2>&1") == 0;
  return found;
}

}  // namespace mimica::pki
