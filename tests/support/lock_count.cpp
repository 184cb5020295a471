#include "tests/support/lock_count.h"

#include <dlfcn.h>
#include <pthread.h>

namespace {

thread_local std::int64_t locks = 0;

}  // namespace

namespace antiphon::test {

std::int64_t lock_count() {
  return locks;
}

}  // namespace antiphon::test

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  ++locks;
  return real(mutex);
}
#endif
