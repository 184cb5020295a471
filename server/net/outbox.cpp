#include "server/net/outbox.h"

#include <thread>
#include <utility>

namespace antiphon::server {

// The posted handler; keeps the outbox, in which it lies, alive.
struct Outbox::Wake {
  using allocator_type = WakeAllocator<void>;

  allocator_type get_allocator() const noexcept { return allocator; }
  void operator()() const {
    // Acquires what was pushed before each wake() that found this one pending.
    outbox->wake_pending_.exchange(false, std::memory_order_acq_rel);
    if (outbox->reader_ != nullptr) outbox->reader_->outbox_woken();
  }

  std::shared_ptr<Outbox> outbox;
  allocator_type allocator;
};

bool Outbox::push(pipeline::ServerEvent&& event) {
  if (closed_.load(std::memory_order_relaxed)) return true;
  if (!overflowed_.load(std::memory_order_relaxed) && events_.push(std::move(event))) return true;
  overflowed_.store(true, std::memory_order_release);
  return false;
}

pipeline::AudioBytes Outbox::buffer() {
  pipeline::AudioBytes buffer;
  if (!spare_.pop(buffer)) buffer.reserve(kBufferBytes);
  return buffer;
}

void Outbox::end(pipeline::SessionEnd reason) {
  if (ended_.load(std::memory_order_relaxed) != kNotEnded) return;
  ended_.store(static_cast<int>(reason), std::memory_order_release);
}

void Outbox::wake(const std::shared_ptr<Outbox>& outbox) {
  if (outbox->wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
  outbox->posting_.store(true, std::memory_order_seq_cst);
  if (!outbox->closed_.load(std::memory_order_seq_cst)) {
    asio::post(outbox->executor_, Wake{outbox, WakeAllocator<void>(outbox->wake_memory_)});
  }
  outbox->posting_.store(false, std::memory_order_release);
}

void Outbox::give_back(pipeline::AudioBytes&& buffer) {
  buffer.clear();
  if (!spare_.push(std::move(buffer))) return;  // enough of them: this one is freed
}

std::optional<pipeline::SessionEnd> Outbox::ended() const {
  const int reason = ended_.load(std::memory_order_acquire);
  if (reason == kNotEnded) return std::nullopt;
  return static_cast<pipeline::SessionEnd>(reason);
}

void Outbox::close() {
  reader_ = nullptr;
  closed_.store(true, std::memory_order_seq_cst);
  while (posting_.load(std::memory_order_seq_cst)) std::this_thread::yield();
}

OutboxSink::~OutboxSink() {
  end(pipeline::SessionEnd::kInternal);
}

bool OutboxSink::deliver(pipeline::ServerEvent&& event) {
  const bool taken = outbox_->push(std::move(event));
  Outbox::wake(outbox_);
  return taken;
}

void OutboxSink::end(pipeline::SessionEnd reason) {
  outbox_->end(reason);
  Outbox::wake(outbox_);
}

}  // namespace antiphon::server
