// mimica_krb5kdc.so: makes MIT's krb5kdc the domain controller of a lab. It is three things in one file:
//   kdb_function_table         a database module (DAL 9, <kdb.h>): principals come from the lab's directory
//   certauth_mimica_initvt     a certauth module (<krb5/certauth_plugin.h>): the lab decides about certificates
//   X509_verify_cert           when preloaded: leaves the client's chain to that decision, see below
// Everything is asked of the lab at the socket that the profile names ([mimica] socket). The module keeps nothing, so
// a change of the directory or of the KDC's registry counts from the next request on.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <kdb.h>
#include <krb5/certauth_plugin.h>
#include <krb5/krb5.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <profile.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <thread>

#include "kdc/io/kdc_socket.h"

namespace {

using mimica::Bytes;
using mimica::BytesView;
using mimica::Result;
namespace krb5kdc = mimica::kdc::krb5kdc;

constexpr krb5_deltat kTicketLife = 10 * 3600, kRenewableLife = 7 * 24 * 3600;  // the default domain policy
constexpr std::size_t kMaxRefusalText = 1000;
constexpr int kServiceUnavailable = 29;  // KDC_ERR_SVC_UNAVAILABLE

krb5_error_code kerberos_error(int number) { return ERROR_TABLE_BASE_krb5 + number; }

// ---- asking the lab ------------------------------------------------------------------------------------------------

std::string socket_path(krb5_context context) {
  profile_t profile = nullptr;
  if (krb5_get_profile(context, &profile) != 0) return {};
  char* value = nullptr;
  std::string path;
  if (profile_get_string(profile, "mimica", "socket", nullptr, nullptr, &value) == 0 && value != nullptr) path = value;
  profile_release_string(value);
  profile_release(profile);
  return path;
}

mimica::kdc::KdcClient& client(krb5_context context) {
  static mimica::kdc::KdcClient instance(socket_path(context));
  return instance;
}

krb5_error_code failed(krb5_context context, const std::string& what) {
  const krb5_error_code code = kerberos_error(kServiceUnavailable);
  krb5_set_error_message(context, code, "mimica: %s", what.c_str());
  return code;
}

// 0 and the answer of the kind that belongs to the query, or an error code with its message.
template <typename Wanted>
krb5_error_code ask(krb5_context context, const krb5kdc::Query& query, Wanted& out) {
  auto answer = client(context).ask(query);
  if (!answer) return failed(context, answer.error().describe());
  if (auto* wanted = std::get_if<Wanted>(&*answer)) {
    out = std::move(*wanted);
    return 0;
  }
  const auto* failure = std::get_if<krb5kdc::FailureAnswer>(&*answer);
  return failed(context, failure != nullptr ? failure->text : "an answer to another question");
}

// Runs the body of a C entry point; no exception may leave one.
template <typename Body>
krb5_error_code guarded(const Body& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (...) {
    return kerberos_error(kServiceUnavailable);
  }
}

// ---- libkrb5's values ----------------------------------------------------------------------------------------------

std::string text_of(const krb5_data& data) { return {data.data, data.length}; }

krb5kdc::Principal principal_of(krb5_const_principal from) {
  krb5kdc::Principal out;
  out.type = from->type;
  out.realm = text_of(from->realm);
  for (krb5_int32 i = 0; i < from->length; ++i) out.components.push_back(text_of(from->data[i]));
  return out;
}

// libkdb5 frees what a module hands out with free().
template <typename T>
T* allocate(std::size_t count) {
  void* memory = std::calloc(count == 0 ? 1 : count, sizeof(T));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

template <typename Octet>
Octet* copy_of(BytesView bytes) {
  auto* out = allocate<Octet>(bytes.size() + 1);
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out;
}

krb5_data data_of(std::string_view text) {
  krb5_data out{};
  out.length = static_cast<unsigned>(text.size());
  out.data = copy_of<char>(mimica::as_bytes(text));
  return out;
}

krb5_principal to_krb5(const krb5kdc::Principal& from) {
  auto* out = allocate<krb5_principal_data>(1);
  out->magic = KV5M_PRINCIPAL;
  out->type = from.type;
  out->realm = data_of(from.realm);
  out->length = static_cast<krb5_int32>(from.components.size());
  out->data = allocate<krb5_data>(from.components.size());
  for (std::size_t i = 0; i < from.components.size(); ++i) out->data[i] = data_of(from.components[i]);
  return out;
}

krb5_key_data to_krb5(const krb5kdc::Key& from, int version) {
  krb5_key_data out{};
  out.key_data_ver = 2;
  out.key_data_kvno = static_cast<krb5_ui_2>(version);
  out.key_data_type[0] = static_cast<krb5_int16>(from.encryption_type);
  out.key_data_length[0] = static_cast<krb5_ui_2>(from.value.size());
  out.key_data_contents[0] = copy_of<krb5_octet>(from.value);
  out.key_data_type[1] = KRB5_KDB_SALTTYPE_SPECIAL;
  out.key_data_length[1] = static_cast<krb5_ui_2>(from.salt.size());
  out.key_data_contents[1] = copy_of<krb5_octet>(mimica::as_bytes(from.salt));
  return out;
}

// ---- database module -----------------------------------------------------------------------------------------------

krb5_error_code init_library() { return 0; }
krb5_error_code fini_library() { return 0; }

// krb5kdc ends with its lab, also when the lab was killed.
void follow_the_lab(const std::string& path) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals stay with krb5kdc's own thread
  std::thread([path] {
    mimica::wait_for_end_of(path);
    ::kill(::getpid(), SIGTERM);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

krb5_error_code init_module(krb5_context context, char*, char**, int mode) {
  return guarded([&]() -> krb5_error_code {
    const std::string path = socket_path(context);
    if (!path.empty()) {
      static std::once_flag once;
      if ((mode & KRB5_KDB_SRV_TYPE_KDC) != 0) std::call_once(once, follow_the_lab, path);
      return 0;
    }
    krb5_set_error_message(context, EINVAL, "mimica: the profile has no [mimica] socket");
    return EINVAL;
  });
}
krb5_error_code fini_module(krb5_context) { return 0; }

krb5_error_code get_principal(krb5_context context, krb5_const_principal search_for, unsigned int flags,
                              krb5_db_entry** entry) {
  return guarded([&]() -> krb5_error_code {
    krb5kdc::PrincipalAnswer found;
    const krb5kdc::PrincipalQuery query{principal_of(search_for), (flags & KRB5_KDB_FLAG_CLIENT) != 0};
    if (const krb5_error_code code = ask(context, query, found); code != 0) return code;
    if (!found.found) return found.refusal != 0 ? kerberos_error(found.refusal) : KRB5_KDB_NOENTRY;
    auto* out = allocate<krb5_db_entry>(1);
    *entry = out;  // from here on libkdb5 frees what is there
    out->magic = KRB5_KDB_MAGIC_NUMBER;
    out->len = KRB5_KDB_V1_BASE_LENGTH;
    out->princ = to_krb5(found.name);
    out->max_life = kTicketLife;
    out->max_renewable_life = kRenewableLife;
    if (found.requires_preauth) out->attributes |= KRB5_KDB_REQUIRES_PRE_AUTH;
    if (!query.client && !found.may_be_service) out->attributes |= KRB5_KDB_DISALLOW_SVR;
    out->key_data = allocate<krb5_key_data>(found.keys.size());
    for (const krb5kdc::Key& key : found.keys) out->key_data[out->n_key_data++] = to_krb5(key, found.key_version);
    // Why a client may not log on at all: the number and the text; check_policy_as() says it.
    if (found.refusal != 0) {
      Bytes why(sizeof(found.refusal));
      std::memcpy(why.data(), &found.refusal, sizeof(found.refusal));
      const std::string text = found.refusal_text.substr(0, kMaxRefusalText);
      why.insert(why.end(), text.begin(), text.end());
      out->e_length = static_cast<krb5_ui_2>(why.size());
      out->e_data = copy_of<krb5_octet>(why);
    }
    return 0;
  });
}

// The keys of a lab live in the directory, not encrypted in a file: the master key is a formality.
constexpr krb5_enctype kMasterType = ENCTYPE_AES256_CTS_HMAC_SHA1_96;
constexpr std::size_t kMasterLength = 32;

void set_master_key(krb5_keyblock& key) {
  key.magic = KV5M_KEYBLOCK;
  key.enctype = kMasterType;
  key.length = kMasterLength;
  key.contents = allocate<krb5_octet>(kMasterLength);
}

krb5_error_code fetch_master_key(krb5_context, krb5_principal, krb5_keyblock* key, krb5_kvno* version, char*) {
  return guarded([&]() -> krb5_error_code {
    set_master_key(*key);
    if (version != nullptr) *version = 1;
    return 0;
  });
}

krb5_error_code fetch_master_key_list(krb5_context, krb5_principal, const krb5_keyblock*, krb5_keylist_node** out) {
  return guarded([&]() -> krb5_error_code {
    *out = allocate<krb5_keylist_node>(1);
    (*out)->kvno = 1;
    set_master_key((*out)->keyblock);
    return 0;
  });
}

krb5_error_code decrypt_key_data(krb5_context, const krb5_keyblock*, const krb5_key_data* from, krb5_keyblock* key,
                                 krb5_keysalt* salt) {
  return guarded([&]() -> krb5_error_code {
    key->magic = KV5M_KEYBLOCK;
    key->enctype = from->key_data_type[0];
    key->length = from->key_data_length[0];
    key->contents = copy_of<krb5_octet>({from->key_data_contents[0], from->key_data_length[0]});
    if (salt != nullptr) {
      salt->type = from->key_data_type[1];
      salt->data.length = from->key_data_length[1];
      salt->data.data = copy_of<char>({from->key_data_contents[1], from->key_data_length[1]});
    }
    return 0;
  });
}

krb5_error_code check_policy_as(krb5_context context, krb5_kdc_req*, krb5_db_entry* account, krb5_db_entry*,
                                krb5_timestamp, const char** status, krb5_pa_data***) {
  int refusal = 0;
  if (account->e_length < sizeof(refusal)) return 0;
  std::memcpy(&refusal, account->e_data, sizeof(refusal));
  const krb5_error_code code = kerberos_error(refusal);
  krb5_set_error_message(context, code, "%.*s", static_cast<int>(account->e_length - sizeof(refusal)),
                         reinterpret_cast<const char*>(account->e_data) + sizeof(refusal));  // for krb5kdc's log
  *status = "ACCOUNT STATE";
  return code;
}

void audit_as_req(krb5_context context, krb5_kdc_req* request, const krb5_address*, const krb5_address* remote,
                  krb5_db_entry*, krb5_db_entry*, krb5_timestamp, krb5_error_code code) {
  guarded([&]() -> krb5_error_code {
    if (request == nullptr || request->client == nullptr || request->server == nullptr) return 0;
    krb5kdc::AuditNotice notice;
    notice.client = principal_of(request->client);
    notice.server = principal_of(request->server);
    const krb5_error_code number = code == 0 ? 0 : code - ERROR_TABLE_BASE_krb5;
    constexpr krb5_error_code kLastNumber = 127, kGeneric = 60;  // RFC 4120 7.5.9
    notice.error = number >= 0 && number <= kLastNumber ? number : kGeneric;
    notice.options = static_cast<std::uint32_t>(request->kdc_options);
    char text[INET6_ADDRSTRLEN] = {};
    if (remote != nullptr && remote->addrtype == ADDRTYPE_INET && remote->length == sizeof(in_addr))
      inet_ntop(AF_INET, remote->contents, text, sizeof(text));
    else if (remote != nullptr && remote->addrtype == ADDRTYPE_INET6 && remote->length == sizeof(in6_addr))
      inet_ntop(AF_INET6, remote->contents, text, sizeof(text));
    notice.address = text;
    krb5kdc::AuditAnswer done;
    return ask(context, notice, done);
  });
}

// ---- certauth module -----------------------------------------------------------------------------------------------

// The certificates that came with the request that is being verified (krb5kdc has one thread for requests).
thread_local std::vector<Bytes> client_certificates;

krb5_error_code authorize(krb5_context context, krb5_certauth_moddata, const uint8_t* certificate, size_t length,
                          krb5_const_principal principal, const void*, const struct _krb5_db_entry_new*,
                          char*** indicators) {
  return guarded([&]() -> krb5_error_code {
    krb5kdc::AuthorizeQuery query{principal_of(principal), Bytes(certificate, certificate + length), {}};
    query.intermediates.swap(client_certificates);
    krb5kdc::AuthorizeAnswer answer;
    if (const krb5_error_code code = ask(context, query, answer); code != 0) return code;
    if (answer.error != 0) {
      const krb5_error_code code = kerberos_error(answer.error);
      krb5_set_error_message(context, code, "%s", answer.text.c_str());
      return code;
    }
    *indicators = allocate<char*>(answer.indicators.size() + 1);
    for (std::size_t i = 0; i < answer.indicators.size(); ++i)
      (*indicators)[i] = copy_of<char>(mimica::as_bytes(answer.indicators[i]));
    return 0;
  });
}

void free_indicators(krb5_context, krb5_certauth_moddata, char** indicators) {
  if (indicators == nullptr) return;
  for (char** one = indicators; *one != nullptr; ++one) std::free(*one);
  std::free(indicators);
}

kdb_vftabl database_functions() {
  kdb_vftabl table{};
  table.maj_ver = KRB5_KDB_DAL_MAJOR_VERSION;
  table.init_library = init_library;
  table.fini_library = fini_library;
  table.init_module = init_module;
  table.fini_module = fini_module;
  table.get_principal = get_principal;
  table.fetch_master_key = fetch_master_key;
  table.fetch_master_key_list = fetch_master_key_list;
  table.decrypt_key_data = decrypt_key_data;
  table.check_policy_as = check_policy_as;
  table.audit_as_req = audit_as_req;
  return table;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) kdb_vftabl kdb_function_table = database_functions();

__attribute__((visibility("default"))) krb5_error_code certauth_mimica_initvt(krb5_context, int major, int,
                                                                              krb5_plugin_vtable vtable) {
  if (major != 1) return KRB5_PLUGIN_VER_NOTSUPP;
  auto* out = reinterpret_cast<krb5_certauth_vtable>(vtable);
  out->name = "mimica";
  out->authorize = authorize;
  out->free_ind = free_indicators;
  return 0;
}

// MIT's PKINIT judges the client's chain before any certauth module is asked, by the machine's clock, and answers
// 70..74 where Windows answers KDC_ERR_CLIENT_NOT_TRUSTED (62); certificates of key trust have no chain at all. A lab
// preloads this module, so that this definition comes first and the verdict is left to the lab's decision, which
// builds the chain itself (rule kdc.chain.*). The signature of the request is verified by CMS_verify(), not here.
__attribute__((visibility("default"))) int X509_verify_cert(X509_STORE_CTX* context) {
  // PKINIT builds the chain of the KDC's own certificate with the same function, to send it; only clients' certificates
  // are checked against CRLs.
  if ((X509_VERIFY_PARAM_get_flags(X509_STORE_CTX_get0_param(context)) & X509_V_FLAG_CRL_CHECK) == 0) {
    using Verify = int (*)(X509_STORE_CTX*);
    static const auto original = reinterpret_cast<Verify>(dlsym(RTLD_NEXT, "X509_verify_cert"));
    return original != nullptr ? original(context) : 0;
  }
  // PKINIT reads a verified chain afterwards, for AD-INITIAL-VERIFIED-CAS; here it ends with the client's certificate.
  X509* leaf = X509_STORE_CTX_get0_cert(context);
  STACK_OF(X509)* chain = sk_X509_new_null();
  if (chain == nullptr || leaf == nullptr || X509_up_ref(leaf) != 1 || sk_X509_push(chain, leaf) <= 0) return 0;
  X509_STORE_CTX_set0_verified_chain(context, chain);
  guarded([&]() -> krb5_error_code {
    client_certificates.clear();
    const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(context);
    for (int i = 0; i < sk_X509_num(sent) && client_certificates.size() < krb5kdc::kMaxElements; ++i) {
      unsigned char* der = nullptr;
      const int length = i2d_X509(sk_X509_value(sent, i), &der);
      if (length <= 0) continue;
      client_certificates.emplace_back(der, der + length);
      OPENSSL_free(der);
    }
    return 0;
  });
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

}  // extern "C"
