// A lab as Python holds it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "harness/lab/lab.h"
#include "harness/operations/session.h"
#include "python/answer.h"
#include "python/bindings.h"

namespace mimica::python {

// Operations run without the interpreter lock and one after the other, so that Python threads
// may share a lab; after close() every operation is a Fault.
class LabHandle {
 public:
  explicit LabHandle(const harness::LabSpec& spec) {
    py::gil_scoped_release released;
    lab_ = unwrap(harness::Lab::start(spec));
  }
  ~LabHandle() { close(); }
  LabHandle(const LabHandle&) = delete;
  LabHandle& operator=(const LabHandle&) = delete;

  void close() {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    lab_.reset();
  }

  bool closed() {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    return lab_ == nullptr;
  }

  // `operation` must not touch Python objects: arguments are converted before, answers after.
  template <typename Operation>
  auto run(Operation&& operation) {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    if (!lab_) throw FaultError(fault("the lab is closed", {}, "use it inside its with block"));
    const auto turn = lab_->exclusive();
    return operation(*lab_);
  }

  // An operation of the table (harness/operations/) by its key, with its fields in JSON.
  Answer run_operation(const std::string& verb, const std::string& fields, const std::string& id);

 private:
  std::mutex mutex_;
  harness::OperationSession session_;
  std::unique_ptr<harness::Lab> lab_;
};

using LabClass = py::class_<LabHandle>;
void bind_directory(LabClass& lab);  // the directory and the KDC's settings
void bind_authority(LabClass& lab);  // templates, the CA, certutil and certreq
void bind_flow(LabClass& lab);       // Intune, enrollment, logons

}  // namespace mimica::python
