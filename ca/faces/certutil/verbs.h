// The verbs of certutil, by topic. Private to this folder.
#pragma once

#include "ca/faces/certutil/arguments.h"

namespace mimica::certutil::verbs {

// certutil_info.cc
Result<void> entries(const VerbContext&);  // without a verb
Result<void> ping(const VerbContext&);
Result<void> ping_admin(const VerbContext&);
Result<void> ca_info(const VerbContext&);
Result<void> ca_cert(const VerbContext&);
Result<void> ca_chain(const VerbContext&);
Result<void> get_crl(const VerbContext&);

// certutil_registry.cc
Result<void> get_reg(const VerbContext&);
Result<void> set_reg(const VerbContext&);
Result<void> del_reg(const VerbContext&);

// certutil_requests.cc
Result<void> revoke(const VerbContext&);
Result<void> is_valid(const VerbContext&);
Result<void> publish_crl(const VerbContext&);
Result<void> renew_cert(const VerbContext&);
Result<void> resubmit(const VerbContext&);
Result<void> deny(const VerbContext&);
Result<void> set_attributes(const VerbContext&);

// certutil_view.cc
Result<void> delete_row(const VerbContext&);
Result<void> backup_db(const VerbContext&);
Result<void> restore_db(const VerbContext&);
Result<void> view(const VerbContext&);
Result<void> schema(const VerbContext&);

// certutil_templates.cc
Result<void> ca_templates(const VerbContext&);
Result<void> set_ca_templates(const VerbContext&);
Result<void> ad_template(const VerbContext&);
Result<void> template_properties(const VerbContext&);
Result<void> ds_template(const VerbContext&);
Result<void> template_cas(const VerbContext&);

// certutil_directory.cc
Result<void> ds_publish(const VerbContext&);
Result<void> view_store(const VerbContext&);

// certutil_files.cc
Result<void> encode_file(const VerbContext&);
Result<void> decode_file(const VerbContext&);
Result<void> hash_file(const VerbContext&);
Result<void> error_text(const VerbContext&);
Result<void> dump(const VerbContext&);

}  // namespace mimica::certutil::verbs
