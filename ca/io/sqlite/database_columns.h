// The columns of each row in one place: `visit(name, member)` is called for all of them, binary columns last. The order
// is that of the tables' columns in SQLite.
#pragma once

#include "ca/store/database.h"

namespace mimica::ca {

template <typename Row, typename Visit>
void visit_subject_parts(Row& row, Visit&& visit) {
  visit("Country", row.Country);
  visit("Organization", row.Organization);
  visit("OrgUnit", row.OrgUnit);
  visit("CommonName", row.CommonName);
  visit("Locality", row.Locality);
  visit("State", row.State);
  visit("Title", row.Title);
  visit("GivenName", row.GivenName);
  visit("Initials", row.Initials);
  visit("SurName", row.SurName);
  visit("DomainComponent", row.DomainComponent);
  visit("EMail", row.EMail);
  visit("StreetAddress", row.StreetAddress);
  visit("UnstructuredName", row.UnstructuredName);
  visit("UnstructuredAddress", row.UnstructuredAddress);
  visit("DeviceSerialNumber", row.DeviceSerialNumber);
}

// `Row` is RequestRow or const RequestRow.
template <typename Row, typename Visit>
void visit_request_columns(Row& row, Visit&& visit) {
  visit("RequestID", row.RequestID);
  visit("RequestType", row.RequestType);
  visit("RequestFlags", row.RequestFlags);
  visit("StatusCode", row.StatusCode);
  visit("Disposition", row.Disposition);
  visit("DispositionMessage", row.DispositionMessage);
  visit("SubmittedWhen", row.SubmittedWhen);
  visit("ResolvedWhen", row.ResolvedWhen);
  visit("RevokedWhen", row.RevokedWhen);
  visit("RevokedEffectiveWhen", row.RevokedEffectiveWhen);
  visit("RevokedReason", row.RevokedReason);
  visit("RequesterName", row.RequesterName);
  visit("CallerName", row.CallerName);
  visit("SignerPolicies", row.SignerPolicies);
  visit("SignerApplicationPolicies", row.SignerApplicationPolicies);
  visit("Officer", row.Officer);
  visit("DistinguishedName", row.DistinguishedName);
  visit_subject_parts(row, visit);
  visit("KeyRecoveryHashes", row.KeyRecoveryHashes);
  visit("RequestAttributes", row.RequestAttributes);
  visit("RawName", row.RawName);
  visit("RawArchivedKey", row.RawArchivedKey);
  visit("RawOldCertificate", row.RawOldCertificate);
  visit("RawRequest", row.RawRequest);
}

template <typename Row, typename Visit>
void visit_certificate_columns(Row& row, Visit&& visit) {
  visit("CertificateHash", row.CertificateHash);
  visit("CertificateTemplate", row.CertificateTemplate);
  visit("EnrollmentFlags", row.EnrollmentFlags);
  visit("GeneralFlags", row.GeneralFlags);
  visit("PrivatekeyFlags", row.PrivatekeyFlags);
  visit("SerialNumber", row.SerialNumber);
  visit("IssuerNameID", row.IssuerNameID);
  visit("NotBefore", row.NotBefore);
  visit("NotAfter", row.NotAfter);
  visit("SubjectKeyIdentifier", row.SubjectKeyIdentifier);
  visit("PublicKeyLength", row.PublicKeyLength);
  visit("PublicKeyAlgorithm", row.PublicKeyAlgorithm);
  visit("PublishExpiredCertInCRL", row.PublishExpiredCertInCRL);
  visit("UPN", row.UPN);
  visit("DistinguishedName", row.DistinguishedName);
  visit_subject_parts(row, visit);
  visit("RawName", row.RawName);
  visit("RawPublicKeyAlgorithmParameters", row.RawPublicKeyAlgorithmParameters);
  visit("RawPublicKey", row.RawPublicKey);
  visit("RawCertificate", row.RawCertificate);
}

// Without CRLRowId, which the database gives.
template <typename Row, typename Visit>
void visit_crl_columns(Row& row, Visit&& visit) {
  visit("Issuer", row.issuer);
  visit("CRLNumber", row.CRLNumber);
  visit("CRLMinBase", row.CRLMinBase);
  visit("CRLNameId", row.CRLNameId);
  visit("CRLCount", row.CRLCount);
  visit("CRLThisUpdate", row.CRLThisUpdate);
  visit("CRLNextUpdate", row.CRLNextUpdate);
  visit("CRLThisPublish", row.CRLThisPublish);
  visit("CRLNextPublish", row.CRLNextPublish);
  visit("CRLEffective", row.CRLEffective);
  visit("CRLPropagationComplete", row.CRLPropagationComplete);
  visit("CRLLastPublished", row.CRLLastPublished);
  visit("CRLPublishAttempts", row.CRLPublishAttempts);
  visit("CRLPublishFlags", row.CRLPublishFlags);
  visit("CRLPublishStatusCode", row.CRLPublishStatusCode);
  visit("CRLPublishError", row.CRLPublishError);
  visit("CRLRawCRL", row.CRLRawCRL);
}

}  // namespace mimica::ca
