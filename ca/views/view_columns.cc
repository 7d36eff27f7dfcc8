#include "ca/views/view_columns.h"

#include <array>

#include "core/base/bytes.h"
#include "core/base/nearest.h"

namespace mimica::ca {
namespace {

// Ids, types and sizes: MS-CSRA 3.1.1.5 with its appendix (Windows Server 2012); display names as certutil prints them.
constexpr ViewColumn kColumns[] = {
    {0x1000, ViewTable::request, "Request.RequestID", ColumnType::long_integer, 4, true, "Request ID",
     ColumnForm::number},
    {0x1001, ViewTable::request, "Request.RawRequest", ColumnType::binary, 65536, false, "Binary Request",
     ColumnForm::request},
    {0x1002, ViewTable::request, "Request.RawArchivedKey", ColumnType::binary, 65536, false, "Archived Key",
     ColumnForm::dump},
    {0x1003, ViewTable::request, "Request.KeyRecoveryHashes", ColumnType::text, 8192, false,
     "Key Recovery Agent Hashes", ColumnForm::text},
    {0x1004, ViewTable::request, "Request.RawOldCertificate", ColumnType::binary, 16384, false, "Old Certificate",
     ColumnForm::certificate},
    {0x1005, ViewTable::request, "Request.RequestAttributes", ColumnType::text, 32768, false, "Request Attributes",
     ColumnForm::text},
    {0x1006, ViewTable::request, "Request.RequestType", ColumnType::long_integer, 4, false, "Request Type",
     ColumnForm::request_type},
    {0x1007, ViewTable::request, "Request.RequestFlags", ColumnType::long_integer, 4, false, "Request Flags",
     ColumnForm::request_flags},
    {0x1008, ViewTable::request, "Request.StatusCode", ColumnType::long_integer, 4, false, "Request Status Code",
     ColumnForm::status},
    {0x1009, ViewTable::request, "Request.Disposition", ColumnType::long_integer, 4, true, "Request Disposition",
     ColumnForm::disposition},
    {0x100a, ViewTable::request, "Request.DispositionMessage", ColumnType::text, 8192, false,
     "Request Disposition Message", ColumnForm::text},
    {0x100b, ViewTable::request, "Request.SubmittedWhen", ColumnType::date, 8, true, "Request Submission Date",
     ColumnForm::date},
    {0x100c, ViewTable::request, "Request.ResolvedWhen", ColumnType::date, 8, true, "Request Resolution Date",
     ColumnForm::date},
    {0x100d, ViewTable::request, "Request.RevokedWhen", ColumnType::date, 8, false, "Revocation Date",
     ColumnForm::date},
    {0x100e, ViewTable::request, "Request.RevokedEffectiveWhen", ColumnType::date, 8, true, "Effective Revocation Date",
     ColumnForm::date},
    {0x100f, ViewTable::request, "Request.RevokedReason", ColumnType::long_integer, 4, false, "Revocation Reason",
     ColumnForm::reason},
    {0x1010, ViewTable::request, "Request.RequesterName", ColumnType::text, 2048, true, "Requester Name",
     ColumnForm::text},
    {0x1011, ViewTable::request, "Request.CallerName", ColumnType::text, 2048, true, "Caller Name", ColumnForm::text},
    {0x1012, ViewTable::request, "Request.SignerPolicies", ColumnType::text, 8192, false, "Signer Policies",
     ColumnForm::text},
    {0x1013, ViewTable::request, "Request.SignerApplicationPolicies", ColumnType::text, 8192, false,
     "Signer Application Policies", ColumnForm::text},
    {0x1014, ViewTable::request, "Request.Officer", ColumnType::long_integer, 4, false, "Officer", ColumnForm::number},
    {0x1015, ViewTable::request, "Request.DistinguishedName", ColumnType::text, 8192, false,
     "Request Distinguished Name", ColumnForm::text},
    {0x1016, ViewTable::request, "Request.RawName", ColumnType::binary, 4096, false, "Request Binary Name",
     ColumnForm::dump},
    {0x1017, ViewTable::request, "Request.Country", ColumnType::text, 8192, false, "Request Country/Region",
     ColumnForm::text},
    {0x1018, ViewTable::request, "Request.Organization", ColumnType::text, 8192, false, "Request Organization",
     ColumnForm::text},
    {0x1019, ViewTable::request, "Request.OrgUnit", ColumnType::text, 8192, false, "Request Organization Unit",
     ColumnForm::text},
    {0x101a, ViewTable::request, "Request.CommonName", ColumnType::text, 8192, false, "Request Common Name",
     ColumnForm::text},
    {0x101b, ViewTable::request, "Request.Locality", ColumnType::text, 8192, false, "Request City", ColumnForm::text},
    {0x101c, ViewTable::request, "Request.State", ColumnType::text, 8192, false, "Request State", ColumnForm::text},
    {0x101d, ViewTable::request, "Request.Title", ColumnType::text, 8192, false, "Request Title", ColumnForm::text},
    {0x101e, ViewTable::request, "Request.GivenName", ColumnType::text, 8192, false, "Request First Name",
     ColumnForm::text},
    {0x101f, ViewTable::request, "Request.Initials", ColumnType::text, 8192, false, "Request Initials",
     ColumnForm::text},
    {0x1020, ViewTable::request, "Request.SurName", ColumnType::text, 8192, false, "Request Last Name",
     ColumnForm::text},
    {0x1021, ViewTable::request, "Request.DomainComponent", ColumnType::text, 8192, false, "Request Domain Component",
     ColumnForm::text},
    {0x1022, ViewTable::request, "Request.EMail", ColumnType::text, 8192, false, "Request Email Address",
     ColumnForm::text},
    {0x1023, ViewTable::request, "Request.StreetAddress", ColumnType::text, 8192, false, "Request Street Address",
     ColumnForm::text},
    {0x1024, ViewTable::request, "Request.UnstructuredName", ColumnType::text, 8192, false, "Request Unstructured Name",
     ColumnForm::text},
    {0x1025, ViewTable::request, "Request.UnstructuredAddress", ColumnType::text, 8192, false,
     "Request Unstructured Address", ColumnForm::text},
    {0x1026, ViewTable::request, "Request.DeviceSerialNumber", ColumnType::text, 8192, false,
     "Request Device Serial Number", ColumnForm::text},
    {0x2000, ViewTable::request, "RequestID", ColumnType::long_integer, 4, true, "Issued Request ID",
     ColumnForm::number},
    {0x2001, ViewTable::request, "RawCertificate", ColumnType::binary, 16384, false, "Binary Certificate",
     ColumnForm::certificate},
    {0x2002, ViewTable::request, "CertificateHash", ColumnType::text, 128, true, "Certificate Hash", ColumnForm::hash},
    {0x2003, ViewTable::request, "CertificateTemplate", ColumnType::text, 254, true, "Certificate Template",
     ColumnForm::template_name},
    {0x2004, ViewTable::request, "EnrollmentFlags", ColumnType::long_integer, 4, false, "Template Enrollment Flags",
     ColumnForm::enrollment_flags},
    {0x2005, ViewTable::request, "GeneralFlags", ColumnType::long_integer, 4, false, "Template General Flags",
     ColumnForm::general_flags},
    {0x2006, ViewTable::request, "PrivatekeyFlags", ColumnType::long_integer, 4, false, "Template Private Key Flags",
     ColumnForm::private_key_flags},
    {0x2007, ViewTable::request, "SerialNumber", ColumnType::text, 128, true, "Serial Number", ColumnForm::text},
    {0x2008, ViewTable::request, "IssuerNameID", ColumnType::long_integer, 4, false, "Issuer Name ID",
     ColumnForm::issuer},
    {0x2009, ViewTable::request, "NotBefore", ColumnType::date, 8, false, "Certificate Effective Date",
     ColumnForm::date},
    {0x200a, ViewTable::request, "NotAfter", ColumnType::date, 8, true, "Certificate Expiration Date",
     ColumnForm::date},
    {0x200b, ViewTable::request, "SubjectKeyIdentifier", ColumnType::text, 128, false, "Issued Subject Key Identifier",
     ColumnForm::hash},
    {0x200c, ViewTable::request, "RawPublicKey", ColumnType::binary, 4096, false, "Binary Public Key",
     ColumnForm::dump},
    {0x200d, ViewTable::request, "PublicKeyLength", ColumnType::long_integer, 4, false, "Public Key Length",
     ColumnForm::number},
    {0x200e, ViewTable::request, "PublicKeyAlgorithm", ColumnType::text, 254, false, "Public Key Algorithm",
     ColumnForm::algorithm},
    {0x200f, ViewTable::request, "RawPublicKeyAlgorithmParameters", ColumnType::binary, 4096, false,
     "Public Key Algorithm Parameters", ColumnForm::dump},
    {0x2010, ViewTable::request, "PublishExpiredCertInCRL", ColumnType::long_integer, 4, false,
     "Publish Expired Certificate in CRL", ColumnForm::number},
    {0x2011, ViewTable::request, "UPN", ColumnType::text, 2048, true, "User Principal Name", ColumnForm::text},
    {0x2012, ViewTable::request, "DistinguishedName", ColumnType::text, 8192, false, "Issued Distinguished Name",
     ColumnForm::text},
    {0x2013, ViewTable::request, "RawName", ColumnType::binary, 4096, false, "Issued Binary Name", ColumnForm::dump},
    {0x2014, ViewTable::request, "Country", ColumnType::text, 8192, false, "Issued Country/Region", ColumnForm::text},
    {0x2015, ViewTable::request, "Organization", ColumnType::text, 8192, false, "Issued Organization",
     ColumnForm::text},
    {0x2016, ViewTable::request, "OrgUnit", ColumnType::text, 8192, false, "Issued Organization Unit",
     ColumnForm::text},
    {0x2017, ViewTable::request, "CommonName", ColumnType::text, 8192, true, "Issued Common Name", ColumnForm::text},
    {0x2018, ViewTable::request, "Locality", ColumnType::text, 8192, false, "Issued City", ColumnForm::text},
    {0x2019, ViewTable::request, "State", ColumnType::text, 8192, false, "Issued State", ColumnForm::text},
    {0x201a, ViewTable::request, "Title", ColumnType::text, 8192, false, "Issued Title", ColumnForm::text},
    {0x201b, ViewTable::request, "GivenName", ColumnType::text, 8192, false, "Issued First Name", ColumnForm::text},
    {0x201c, ViewTable::request, "Initials", ColumnType::text, 8192, false, "Issued Initials", ColumnForm::text},
    {0x201d, ViewTable::request, "SurName", ColumnType::text, 8192, false, "Issued Last Name", ColumnForm::text},
    {0x201e, ViewTable::request, "DomainComponent", ColumnType::text, 8192, false, "Issued Domain Component",
     ColumnForm::text},
    {0x201f, ViewTable::request, "EMail", ColumnType::text, 8192, false, "Issued Email Address", ColumnForm::text},
    {0x2020, ViewTable::request, "StreetAddress", ColumnType::text, 8192, false, "Issued Street Address",
     ColumnForm::text},
    {0x2021, ViewTable::request, "UnstructuredName", ColumnType::text, 8192, false, "Issued Unstructured Name",
     ColumnForm::text},
    {0x2022, ViewTable::request, "UnstructuredAddress", ColumnType::text, 8192, false, "Issued Unstructured Address",
     ColumnForm::text},
    {0x2023, ViewTable::request, "DeviceSerialNumber", ColumnType::text, 8192, false, "Issued Device Serial Number",
     ColumnForm::text},
    {0x3000, ViewTable::attribute, "AttributeRequestId", ColumnType::long_integer, 4, true, "Attribute Request ID",
     ColumnForm::number},
    {0x3001, ViewTable::attribute, "AttributeName", ColumnType::text, 254, false, "Attribute Name", ColumnForm::text},
    {0x3002, ViewTable::attribute, "AttributeValue", ColumnType::text, 8192, false, "Attribute Value",
     ColumnForm::text},
    {0x4000, ViewTable::extension, "ExtensionRequestId", ColumnType::long_integer, 4, true, "Extension Request ID",
     ColumnForm::number},
    {0x4001, ViewTable::extension, "ExtensionName", ColumnType::text, 254, false, "Extension Name",
     ColumnForm::algorithm},
    {0x4002, ViewTable::extension, "ExtensionFlags", ColumnType::long_integer, 4, false, "Extension Flags",
     ColumnForm::extension_flags},
    {0x4003, ViewTable::extension, "ExtensionRawValue", ColumnType::binary, 4096, false, "Extension Raw Value",
     ColumnForm::dump},
    {0x5000, ViewTable::crl, "CRLRowId", ColumnType::long_integer, 4, true, "CRL Row ID", ColumnForm::number},
    {0x5001, ViewTable::crl, "CRLNumber", ColumnType::long_integer, 4, true, "CRL Number", ColumnForm::number},
    {0x5002, ViewTable::crl, "CRLMinBase", ColumnType::long_integer, 4, false, "CRL Minimum Base", ColumnForm::number},
    {0x5003, ViewTable::crl, "CRLNameId", ColumnType::long_integer, 4, false, "CRL Name ID", ColumnForm::issuer},
    {0x5004, ViewTable::crl, "CRLCount", ColumnType::long_integer, 4, false, "CRL Count", ColumnForm::number},
    {0x5005, ViewTable::crl, "CRLThisUpdate", ColumnType::date, 8, false, "CRL This Update", ColumnForm::date},
    {0x5006, ViewTable::crl, "CRLNextUpdate", ColumnType::date, 8, true, "CRL Next Update", ColumnForm::date},
    {0x5007, ViewTable::crl, "CRLThisPublish", ColumnType::date, 8, false, "CRL This Publish", ColumnForm::date},
    {0x5008, ViewTable::crl, "CRLNextPublish", ColumnType::date, 8, true, "CRL Next Publish", ColumnForm::date},
    {0x5009, ViewTable::crl, "CRLEffective", ColumnType::date, 8, false, "CRL Effective", ColumnForm::date},
    {0x500a, ViewTable::crl, "CRLPropagationComplete", ColumnType::date, 8, true, "CRL Propagation Complete",
     ColumnForm::date},
    {0x500b, ViewTable::crl, "CRLLastPublished", ColumnType::date, 8, true, "CRL Last Published", ColumnForm::date},
    {0x500c, ViewTable::crl, "CRLPublishAttempts", ColumnType::long_integer, 4, true, "CRL Publish Attempts",
     ColumnForm::number},
    {0x500d, ViewTable::crl, "CRLPublishFlags", ColumnType::long_integer, 4, false, "CRL Publish Flags",
     ColumnForm::crl_flags},
    {0x500e, ViewTable::crl, "CRLPublishStatusCode", ColumnType::long_integer, 4, true, "CRL Publish Status Code",
     ColumnForm::status},
    {0x500f, ViewTable::crl, "CRLPublishError", ColumnType::text, 8192, false, "CRL Publish Error Information",
     ColumnForm::text},
    {0x5010, ViewTable::crl, "CRLRawCRL", ColumnType::binary, 536870912, false, "CRL Raw CRL", ColumnForm::crl},
};

std::size_t first_of(ViewTable table) {
  std::size_t at = 0;
  while (kColumns[at].table != table) ++at;
  return at;
}

const ViewColumn* lookup(std::span<const ViewColumn> columns, std::string_view name) {
  constexpr std::string_view kPrefix = "Request.";
  // The exact name, then the request's column without its prefix, then the display name.
  for (const ViewColumn& column : columns)
    if (equals_ignore_case(column.name, name)) return &column;
  for (const ViewColumn& column : columns)
    if (column.name.starts_with(kPrefix) && equals_ignore_case(column.name.substr(kPrefix.size()), name))
      return &column;
  for (const ViewColumn& column : columns)
    if (equals_ignore_case(column.display_name, name)) return &column;
  return nullptr;
}

}  // namespace

std::string_view to_string(ViewTable table) {
  switch (table) {
    case ViewTable::request:
      return "Request";
    case ViewTable::attribute:
      return "Attribute";
    case ViewTable::extension:
      return "Extension";
    case ViewTable::crl:
      return "CRL";
  }
  return "";
}

std::span<const ViewColumn> view_columns(ViewTable table) {
  const std::size_t first = first_of(table);
  std::size_t last = first;
  while (last < std::size(kColumns) && kColumns[last].table == table) ++last;
  return std::span(kColumns).subspan(first, last - first);
}

const ViewColumn& view_column(std::uint32_t id) {
  for (const ViewColumn& column : kColumns)
    if (column.id == id) return column;
  return kColumns[0];
}

Result<const ViewColumn*> find_view_column(ViewTable table, std::string_view name) {
  if (const ViewColumn* column = lookup(view_columns(table), name)) return column;
  if (const ViewColumn* other = lookup(kColumns, name))
    return fault(HResult::E_INVALIDARG,
                 "the column '" + std::string(other->name) + "' is one of the " + std::string(to_string(other->table)) +
                     " table, the view is of the " + std::string(to_string(table)) + " table",
                 {}, "name the view: Ext, Attrib or CRL; a view shows one table");
  std::vector<std::string> known;
  for (const ViewColumn& column : view_columns(table)) {
    known.emplace_back(column.name);
    if (column.name.starts_with("Request.")) known.emplace_back(column.name.substr(8));
  }
  const std::string near = nearest(name, known);
  return fault(
      HResult::E_INVALIDARG,
      "the " + std::string(to_string(table)) + " table has no column '" + std::string(name.substr(0, 128)) + "'", {},
      near.empty() ? "certutil -schema lists the columns" : "did you mean '" + near + "'?");
}

}  // namespace mimica::ca
