#include "ca/authority/signed_list.h"

namespace mimica::ca {

CrlRow list_row(const CrlInput& input, const CrlFields& fields, int key_index, Timestamp now) {
  CrlRow row;
  row.CRLNumber = input.number;
  row.CRLMinBase = input.minimum_base;
  row.CRLNameId = key_index;
  row.CRLCount = static_cast<std::int64_t>(fields.revoked.size());
  row.CRLThisUpdate = input.times.this_update;
  row.CRLNextUpdate = input.times.next_update;
  row.CRLThisPublish = now;
  row.CRLNextPublish = input.times.next_publish;
  row.CRLPropagationComplete = input.times.propagation_complete;
  row.CRLPublishFlags = input.kind == CrlKind::base ? cpf::kBase : cpf::kDelta;
  return row;
}

// Signs, and verifies before anybody sees the list (MS-CSRA 3.1.4.1.6, rule 6).
Result<Bytes> sign_list(const CrlFields& fields, const PrivateKey& key, const Certificate& ca, Digest digest) {
  MIMICA_TRY(Bytes der, sign_crl(fields, key, digest));
  MIMICA_TRY(const Crl list, Crl::parse(der));
  MIMICA_TRY(const bool verifies, list.signed_by(ca.public_key()));
  if (!verifies) return fault(HResult::NTE_BAD_SIGNATURE, "the key does not belong to the CA certificate");
  return der;
}

}  // namespace mimica::ca
