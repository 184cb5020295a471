#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "pipeline/client_event.h"

namespace antiphon::pipeline {

// The client events of one session that were taken and not worked off, in order.
//
// Owner:    one session.
// Memory:   all in the constructor; push_back() and pop_front() only move.
// Overload: never full: whoever sends holds one of as many places (PlaceCount).
class EventQueue {
 public:
  explicit EventQueue(std::size_t capacity) : cells_(capacity) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // REQUIRES: size() < capacity.
  void push_back(ClientEvent event) {
    assert(size_ < cells_.size());
    cells_[(first_ + size_++) % cells_.size()] = std::move(event);
  }
  // REQUIRES: !empty(), as the next.
  ClientEvent& front() { return cells_[first_]; }
  void pop_front() {
    assert(size_ > 0);
    cells_[first_] = ClientEvent{};  // a long message's memory goes back at once
    first_ = (first_ + 1) % cells_.size();
    --size_;
  }
  void clear() {
    while (!empty()) pop_front();
  }

 private:
  std::vector<ClientEvent> cells_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace antiphon::pipeline
