// The checks of a certificate logon, in the order in which a domain controller makes them.
#pragma once

#include <array>
#include <span>

#include "core/base/decision.h"

namespace mimica::kdc {

inline constexpr Rule kPkinitAvailable{
    "kdc.pkinit.available", "The domain controller has a certificate that it can use for PKINIT.",
    "MS-PKCA 3.1.5.1; System event 19", "enrol the domain controller for the Kerberos Authentication template"};
inline constexpr Rule kAccountUnique{"kdc.account.unique", "Only one account has the name that logs on.",
                                     "RFC 4120 7.5.9; MS-ADTS 3.1.1.5.1.3",
                                     "give each account its own userPrincipalName and sAMAccountName"};
inline constexpr Rule kAccountExists{
    "kdc.account.exists", "The directory has an account with the name that logs on.",
    "MS-KILE 3.3.5.6.1; MS-PKCA 3.1.5.2.1",
    "log on with the sAMAccountName or the userPrincipalName of an account of this domain"};
inline constexpr Rule kAccountEnabled{"kdc.account.enabled", "The account is not disabled.",
                                      "MS-KILE 3.3.5.7; MS-ADTS 2.2.16",
                                      "enable the account (clear 0x2 in userAccountControl)"};
inline constexpr Rule kAccountNotLockedOut{"kdc.account.not_locked_out", "The account is not locked out.",
                                           "MS-KILE 3.3.5.7.1; MS-ADTS 3.1.1.4.5.17",
                                           "unlock the account (lockoutTime 0), or wait for the domain's "
                                           "lockoutDuration to pass"};
inline constexpr Rule kAccountNotExpired{"kdc.account.not_expired", "The account has not expired.",
                                         "MS-KILE 3.3.5.7.1; MS-ADA1 accountExpires",
                                         "set a later accountExpires, or 0 for never"};
inline constexpr Rule kAccountLogonHours{
    "kdc.account.logon_hours", "The account may log on at this hour of the week (UTC).",
    "MS-ADA1 logonHours; RFC 4120 7.5.9", "log on within the account's logon hours, or extend logonHours",
    Provenance::inferred};
inline constexpr Rule kAccountPasswordChange{
    "kdc.account.password_change", "The account need not change its password first.",
    "MS-KILE 3.3.5.7.1; MS-ADTS 3.1.1.4.5.31", "change the password, or set pwdLastSet to -1", Provenance::observed};
inline constexpr Rule kAccountSmartCard{
    "kdc.account.smart_card", "An account that logs on with a password is not bound to a smart card.",
    "MS-ADTS 2.2.16; NTSTATUS 0xC00002FA", "log on with a certificate, or clear 0x40000 in userAccountControl"};
inline constexpr Rule kKeyTrustAccount{
    "kdc.key_trust.account", "A key that is registered as a key credential belongs to the account that logs on.",
    "MS-PKCA 3.1.5.2.1.4; MS-ADTS 2.2.20", "log on as the account whose msDS-KeyCredentialLink holds the key"};
inline constexpr Rule kChainTrusted{
    "kdc.chain.trusted", "The certificate chains to a root that the domain controller trusts.",
    "MS-PKCA 3.1.5.2; RFC 4556 3.2.2", "publish the root CA to the directory: certutil -dspublish -f root.cer RootCA"};
inline constexpr Rule kChainValidTime{
    "kdc.chain.valid_time", "The certificate and its issuers are within their validity.",
    "RFC 5280 4.1.2.5; RFC 4556 3.2.2", "renew the certificate, or correct the clock"};
inline constexpr Rule kChainRevocation{
    "kdc.chain.revocation", "The certificate is not revoked, and an OCSP answer or a current revocation list says so.",
    "KB281245; RFC 6960 3.2; RFC 5280 6.3",
    "repair the OCSP responder of the certificate's AIA, or publish a current CRL where its CDP points: certutil -crl"};
inline constexpr Rule kKeyUsageDigitalSignature{
    "kdc.key_usage.digital_signature", "A key usage extension, if present, allows digital signatures.", "KB281245",
    "issue the certificate from a template whose purpose includes signature"};
inline constexpr Rule kEkuClientAuthentication{
    "kdc.eku.client_authentication",
    "The extended key usage, if present, names smart card logon, client authentication, PKINIT client or any purpose.",
    "MS-PKCA 3.1.5.1; RFC 4556 3.2.2",
    "add Client Authentication (1.3.6.1.5.5.7.3.2) to the template's application policies"};
inline constexpr Rule kMappingUpn{
    "kdc.mapping.user_principal_name", "The UPN in the certificate leads to the account that logs on.",
    "MS-PKCA 3.1.5.2.1.2",
    "issue a certificate with the account's own UPN, or log on as the account that the UPN names"};
inline constexpr Rule kMappingDnsName{
    "kdc.mapping.dns_name", "A DNS name in the certificate is the computer's name in this domain.",
    "MS-PKCA 3.1.5.2.1.1", "issue a certificate with <sAMAccountName without $>.<domain> as DNS name"};
inline constexpr Rule kMappingAltSecurityIdentity{
    "kdc.mapping.alt_security_identity", "A value of the account's altSecurityIdentities names the certificate.",
    "MS-PKCA 3.1.5.2.1.3; KB5014754", "write an explicit mapping to altSecurityIdentities, preferably X509:<I>…<SR>…"};
inline constexpr Rule kNtAuthTrusted{"kdc.ntauth.trusted",
                                     "The CA that issued the certificate is in the NTAuth store.",
                                     "KB5057784; MS-WCCE 2.2.2.11.3",
                                     "publish the issuing CA's certificate: certutil -dspublish -f ca.cer NTAuthCA",
                                     Provenance::documented,
                                     "2025-04-08"};
inline constexpr Rule kMappingFound{
    "kdc.mapping.found", "The certificate maps to the account by UPN, DNS name or an explicit mapping.",
    "MS-PKCA 3.1.5.2.1", "issue a certificate that names the account, or map it explicitly in altSecurityIdentities"};
inline constexpr Rule kMappingNamePolicy{
    "kdc.mapping.name_policy",       "A policy makes the name mapping of certificates of this CA count as strong.",
    "KDC.admx; MS-PKCA 3.1.5.2.1.5", "correct the rule list: one rule per issuing CA, thumbprint; policy OIDs; methods",
    Provenance::documented,          "2024-09-10"};
inline constexpr Rule kMappingSid{"kdc.mapping.sid",
                                  "A SID in the certificate is the SID of the account.",
                                  "KB5014754; MS-PKCA 3.1.5.2.1.6",
                                  "issue a new certificate for this account; the present one belongs to another "
                                  "account or was issued before the account was recreated",
                                  Provenance::documented,
                                  "2022-05-10"};
inline constexpr Rule kMappingBackdating{
    "kdc.mapping.backdating",
    "A weakly mapped certificate was not issued before its account was created.",
    "KB5014754",
    "issue a new certificate, or raise CertificateBackdatingCompensation (seconds) until the certificate is replaced",
    Provenance::documented,
    "2022-05-10"};
inline constexpr Rule kMappingStrong{"kdc.mapping.strong",
                                     "The certificate is strongly mapped to the account.",
                                     "KB5014754; MS-PKCA 3.1.5.2.1.5",
                                     "renew the certificate with the SID extension, or map it with X509:<I>…<SR>…",
                                     Provenance::documented,
                                     "2022-05-10"};
inline constexpr Rule kSchannelMapped{
    "kdc.schannel.mapped", "An enabled Schannel mapping method finds an account for the certificate.",
    "MS-RCMP 3.5.2; KB5014754", "use certificates with a strong mapping, so that S4U2Self (0x18) finds the account"};

inline std::span<const Rule* const> rules() {
  static constexpr std::array kAll = {
      &kPkinitAvailable,
      &kAccountUnique,
      &kAccountExists,
      &kAccountEnabled,
      &kAccountNotLockedOut,
      &kAccountNotExpired,
      &kAccountLogonHours,
      &kAccountPasswordChange,
      &kAccountSmartCard,
      &kKeyTrustAccount,
      &kChainTrusted,
      &kChainValidTime,
      &kChainRevocation,
      &kKeyUsageDigitalSignature,
      &kEkuClientAuthentication,
      &kMappingUpn,
      &kMappingDnsName,
      &kMappingAltSecurityIdentity,
      &kNtAuthTrusted,
      &kMappingFound,
      &kMappingNamePolicy,
      &kMappingSid,
      &kMappingBackdating,
      &kMappingStrong,
      &kSchannelMapped,
  };
  return kAll;
}

}  // namespace mimica::kdc
