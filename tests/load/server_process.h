#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/load/server_calls.h"

namespace antiphon::load {

// What a process has used so far, from /proc.
struct ProcessUsage {
  std::map<std::string, double> cpu_seconds;  // by the threads' names
  double cpu_seconds_all = 0;
  double resident_mib = 0;
};
// All zero if the process is not there or may not be looked at.
ProcessUsage usage_of(pid_t process);
// What all programs of the machine have used since it started; zero if the system does not say.
double machine_cpu_seconds();

// A server that the tool has started for itself; the destructor ends it with SIGTERM and waits.
class OwnServer {
 public:
  // PROGRAM serve --port FREE ARGUMENTS. Returns when /readyz says so. Throws std::runtime_error.
  OwnServer(const std::string& program, const std::vector<std::string>& arguments);
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  pid_t process() const { return process_; }
  const ServerAddress& address() const { return address_; }
  // Ends it; its exit code, or -1 if a signal ended it.
  int stop();

 private:
  void wait_until_ready();

  pid_t process_ = -1;
  ServerAddress address_;
};

}  // namespace antiphon::load
