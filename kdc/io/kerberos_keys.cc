#include "kdc/io/kerberos_keys.h"

#include <krb5/krb5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace mimica::kdc {
namespace {

// Owns a context that reads no configuration of the machine beyond what libkrb5 insists on.
class Context {
 public:
  Context() { error_ = krb5_init_secure_context(&context_); }
  ~Context() {
    if (context_ != nullptr) krb5_free_context(context_);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  krb5_context get() const { return context_; }

  Result<void> check(krb5_error_code code, const std::string& what) const {
    if (code == 0) return {};
    const char* text = krb5_get_error_message(context_, code);
    Fault failed = fault(what + ": " + text);
    krb5_free_error_message(context_, text);
    return failed;
  }
  Result<void> usable() const {
    if (error_ != 0) return fault("libkrb5 cannot be used: error " + std::to_string(error_));
    return {};
  }

 private:
  krb5_context context_ = nullptr;
  krb5_error_code error_ = 0;
};

krb5_data as_data(std::string_view text) {
  krb5_data out{};
  out.length = static_cast<unsigned>(text.size());
  out.data = const_cast<char*>(text.data());  // libkrb5 takes input as non-const
  return out;
}

class Krb5KeyMaker final : public KeyMaker {
 public:
  Result<std::vector<krb5kdc::Key>> from_password(std::string_view password, std::string_view salt) override {
    MIMICA_RETURN_IF_FAULT(context_.usable());
    std::vector<krb5kdc::Key> out;
    for (const krb5_enctype type : {ENCTYPE_AES256_CTS_HMAC_SHA1_96, ENCTYPE_AES128_CTS_HMAC_SHA1_96}) {
      const krb5_data secret = as_data(password), salted = as_data(salt);
      krb5_keyblock key{};
      MIMICA_RETURN_IF_FAULT(
          context_.check(krb5_c_string_to_key(context_.get(), type, &secret, &salted, &key), "making a Kerberos key"));
      out.push_back({type, Bytes(key.contents, key.contents + key.length), std::string(salt)});
      krb5_free_keyblock_contents(context_.get(), &key);
    }
    return out;
  }

 private:
  Context context_;
};

}  // namespace

std::unique_ptr<KeyMaker> make_key_maker() { return std::make_unique<Krb5KeyMaker>(); }

Result<void> write_keytab(const std::string& path, const std::vector<KeytabEntry>& entries) {
  const Context context;
  MIMICA_RETURN_IF_FAULT(context.usable());
  ::unlink(path.c_str());
  krb5_keytab keytab = nullptr;
  MIMICA_RETURN_IF_FAULT(context.check(krb5_kt_resolve(context.get(), ("WRFILE:" + path).c_str(), &keytab), path));
  const auto add = [&](const KeytabEntry& entry) -> Result<void> {
    krb5_principal principal = nullptr;
    MIMICA_RETURN_IF_FAULT(
        context.check(krb5_parse_name(context.get(), entry.principal.c_str(), &principal), entry.principal));
    krb5_error_code code = 0;
    for (const krb5kdc::Key& key : entry.keys) {
      krb5_keytab_entry one{};
      Bytes value = key.value;
      one.principal = principal;
      one.vno = static_cast<krb5_kvno>(entry.key_version);
      one.key.enctype = key.encryption_type;
      one.key.length = static_cast<unsigned>(value.size());
      one.key.contents = value.data();
      if (code == 0) code = krb5_kt_add_entry(context.get(), keytab, &one);
    }
    krb5_free_principal(context.get(), principal);
    return context.check(code, path);
  };
  Result<void> done;
  for (const KeytabEntry& entry : entries)
    if (done) done = add(entry);
  krb5_kt_close(context.get(), keytab);
  ::chmod(path.c_str(), 0600);
  return done;
}

}  // namespace mimica::kdc
