#include "tests/load/server_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "server/net/asio.h"

namespace antiphon::load {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::seconds kReadyMax{60};

std::uint16_t free_port() {
  server::asio::io_context io;
  const server::tcp::acceptor acceptor(io, {server::asio::ip::make_address("127.0.0.1"), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace

ProcessUsage usage_of(pid_t process) {
  ProcessUsage usage;
  if (process <= 0) return usage;
  const std::filesystem::path root = "/proc/" + std::to_string(process);
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(root / "task", error)) {
    std::string name;
    std::uint64_t on_cpu_ns = 0;
    std::ifstream(thread.path() / "comm") >> name;
    std::ifstream(thread.path() / "schedstat") >> on_cpu_ns;
    const double seconds = static_cast<double>(on_cpu_ns) * 1e-9;
    usage.cpu_seconds[name] += seconds;
    usage.cpu_seconds_all += seconds;
  }
  std::uint64_t pages_all = 0;
  std::uint64_t pages_resident = 0;
  std::ifstream(root / "statm") >> pages_all >> pages_resident;
  usage.resident_mib =
      static_cast<double>(pages_resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return usage;
}

double machine_cpu_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  double user = 0;
  double nice = 0;
  double system = 0;
  double idle = 0;
  double waiting = 0;
  double interrupts = 0;
  double soft_interrupts = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> interrupts >> soft_interrupts;
  if (!file) return 0;
  return (user + nice + system + interrupts + soft_interrupts) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

OwnServer::OwnServer(const std::string& program, const std::vector<std::string>& arguments) {
  address_.port = free_port();
  std::vector<std::string> words = {program, "serve", "--port", std::to_string(address_.port)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("can't start a process");
  if (process_ == 0) {
    execv(argv.front(), argv.data());
    _exit(127);
  }
  try {
    wait_until_ready();
  } catch (...) {
    stop();
    throw;
  }
}

void OwnServer::wait_until_ready() {
  const auto until = std::chrono::steady_clock::now() + kReadyMax;
  while (std::chrono::steady_clock::now() < until) {
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      throw std::runtime_error("the server ended before it was ready");
    }
    try {
      if (ask(address_, "/readyz").status == 200) return;
    } catch (const std::exception&) {  // refused: it does not listen yet
    }
    std::this_thread::sleep_for(kLook);
  }
  throw std::runtime_error("the server is not ready after a minute");
}

OwnServer::~OwnServer() {
  stop();
}

int OwnServer::stop() {
  if (process_ < 0) return -1;
  kill(process_, SIGTERM);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace antiphon::load
