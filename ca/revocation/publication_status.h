// What became of writing a revocation list to its locations, in the form of the database's columns (MS-CSRA 3.1.4.1.6,
// rules 8 to 10). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fault.h"

namespace mimica::ca {

class PublicationStatus {
 public:
  // `index`: position in the list of locations.
  void add_directory(std::size_t index, const std::string& url, const Result<void>& written);
  // A delta CRL waits for its base CRL, which could not be written to the directory.
  void add_postponed(std::size_t index, const std::string& url);
  // Local paths, shares and file: URLs; a CA cannot write to http:, ftp: and others.
  void add_file(std::size_t index, const std::string& url);

  HResult code() const { return code_; }  // of the first location that failed; S_OK: none did
  const std::vector<std::string>& failed() const { return failed_; }
  // CRLPublishFlags: what `before` says of the list itself, and how its publication went.
  std::uint32_t flags(std::uint32_t before) const;
  // CRLPublishError: "Published by CONTOSO\\jane", or "-" when the CA did it by itself; then " -- ", the indexes of the
  // locations that failed, two line feeds and those locations.
  std::string text(const std::string& who) const;

 private:
  void fail(std::size_t index, const std::string& url, HResult code, std::uint32_t flag);

  HResult code_ = HResult::S_OK;
  std::uint32_t flags_ = 0;
  std::vector<std::string> failed_;
  std::string indexes_;
};

// The HRESULT that a CA records for a directory's answer: 0x8007 and the Win32 code that Active Directory starts its
// diagnostic text with ("00002098: SecErr: …"), else the code of MS-ERREF 2.4.
HResult directory_failure(const Fault& fault);

}  // namespace mimica::ca
