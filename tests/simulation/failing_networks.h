#pragma once

#include <functional>
#include <memory>

#include "pipeline/engine/networks.h"

namespace antiphon::simulation {

// Networks around others, any of whose work may end with an exception: before its first step, or when all
// of it is done. Voice activity never fails: its interface can't.
class FailingNetworks {
 public:
  // `fails`: asked before and after each piece of work; it outlives this object, and so do the networks.
  FailingNetworks(const pipeline::Networks& networks, const std::function<bool()>* fails);
  ~FailingNetworks();
  pipeline::Networks networks() const;

 private:
  struct Parts;
  pipeline::Networks networks_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace antiphon::simulation
