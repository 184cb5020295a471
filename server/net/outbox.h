#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "pipeline/runtime/refusing_ring.h"
#include "pipeline/session_port.h"
#include "server/net/asio.h"

namespace antiphon::server {

// Room for the one posted wake-up of an Outbox, so that posting allocates nothing.
class WakeMemory {
 public:
  void* take(std::size_t bytes) {
    if (bytes > sizeof bytes_) return ::operator new(bytes);
    return bytes_;
  }
  void give_back(void* place) {
    if (place != bytes_) ::operator delete(place);
  }

 private:
  alignas(std::max_align_t) std::byte bytes_[256];
};

template <class T>
struct WakeAllocator {
  using value_type = T;
  explicit WakeAllocator(WakeMemory& memory_of_outbox) : memory(&memory_of_outbox) {}
  template <class U>
  explicit(false) WakeAllocator(const WakeAllocator<U>& other) : memory(other.memory) {}
  T* allocate(std::size_t count) { return static_cast<T*>(memory->take(count * sizeof(T))); }
  void deallocate(T* place, std::size_t) { memory->give_back(place); }
  template <class U>
  bool operator==(const WakeAllocator<U>& other) const {
    return memory == other.memory;
  }
  WakeMemory* memory;
};

// The events of one session on their way from its media worker to its connection's I/O thread: a bounded
// ring, and one wake-up in flight at most.
//
// Owner:    the connection and the session's sink, together. push(), buffer(), end(), wake(): the session's
//           thread; all else: the I/O thread.
// Time:     lock-free; close() waits for a wake() that is being posted at that very moment.
// Memory:   all in the constructor.
// Overload: push() refuses and notes it.
class Outbox {
 public:
  // Told on the I/O thread that there is something new.
  class Reader {
   public:
    virtual void outbox_woken() = 0;

   protected:
    ~Reader() = default;
  };

  Outbox(asio::io_context::executor_type executor, std::size_t capacity, Reader& reader)
      : executor_(std::move(executor)), events_(capacity), spare_(kSpareBuffers), reader_(&reader) {}

  // The session's thread.
  [[nodiscard]] bool push(pipeline::ServerEvent&& event);
  pipeline::AudioBytes buffer();
  void end(pipeline::SessionEnd reason);  // the first reason counts
  static void wake(const std::shared_ptr<Outbox>& outbox);

  // The I/O thread.
  [[nodiscard]] bool pop(pipeline::ServerEvent& event) { return events_.pop(event); }
  void give_back(pipeline::AudioBytes&& buffer);
  bool overflowed() const { return overflowed_.load(std::memory_order_acquire); }
  // Ask before pop(): when it says that the session has ended, everything it delivered can be popped.
  std::optional<pipeline::SessionEnd> ended() const;
  // The connection goes: no reader is told, no executor used any more.
  void close();

 private:
  struct Wake;
  static constexpr std::size_t kSpareBuffers = 16;  // those in flight between the two threads in steady state
  static constexpr std::size_t kBufferBytes = 1024;  // 20 ms of PCM16 at 24 kHz are 960
  static constexpr int kNotEnded = -1;

  asio::io_context::executor_type executor_;
  pipeline::RefusingRing<pipeline::ServerEvent> events_;
  pipeline::RefusingRing<pipeline::AudioBytes> spare_;  // the other way
  WakeMemory wake_memory_;
  std::atomic<bool> wake_pending_ = false;
  std::atomic<bool> overflowed_ = false;
  std::atomic<int> ended_ = kNotEnded;
  // close() against wake(): each sets its own flag, then looks at the other's.
  std::atomic<bool> posting_ = false;
  std::atomic<bool> closed_ = false;
  // The I/O thread's.
  Reader* reader_;
};

// The session's end of an Outbox. Its death without end() counts as kInternal.
class OutboxSink final : public pipeline::EventSink {
 public:
  explicit OutboxSink(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
  ~OutboxSink() override;
  OutboxSink(const OutboxSink&) = delete;
  OutboxSink& operator=(const OutboxSink&) = delete;

  [[nodiscard]] bool deliver(pipeline::ServerEvent&& event) override;
  pipeline::AudioBytes audio_buffer() override { return outbox_->buffer(); }
  void end(pipeline::SessionEnd reason) override;

 private:
  std::shared_ptr<Outbox> outbox_;
};

}  // namespace antiphon::server
