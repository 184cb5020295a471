#include "tests/support/running_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace antiphon::test {

RunningProgram::RunningProgram(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder_.file("out").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error =
      posix_spawn(&process_, command.front().c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command.front());
}

RunningProgram::~RunningProgram() {
  if (process_ != 0) end_by(SIGKILL);
}

std::string RunningProgram::output() const {
  std::ifstream file(folder_.file("out"), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string RunningProgram::word_after(std::string_view before) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until) {
    const bool over = ended();  // first: what it has written by then is all
    const std::string text = output();
    const std::size_t found = text.find(before);
    const std::size_t begin = found + before.size();
    const std::size_t end = found == std::string::npos ? found : text.find_first_of(" \n", begin);
    if (end != std::string::npos) return text.substr(begin, end - begin);
    if (over) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the program did not say \"" + std::string(before) + "\":\n" + output());
}

void RunningProgram::end_by(int signal) {
  ::kill(process_, signal);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
}

bool RunningProgram::ended() {
  int status = 0;
  if (process_ == 0 || waitpid(process_, &status, WNOHANG) == process_) process_ = 0;
  return process_ == 0;
}

}  // namespace antiphon::test
