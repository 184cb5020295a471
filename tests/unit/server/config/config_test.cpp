#include "server/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace antiphon::server {
namespace {

std::string fault(const std::string& toml, const FlagValues& flags = {}) {
  try {
    parse_config(toml, flags);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Config, ExampleIsTheDefaultsAndNamesEveryKey) {
  std::ifstream file("antiphon.example.toml");
  const std::string example{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(example, example_config_text());
  EXPECT_EQ(config_text(parse_config(example, {})), config_text(Config{}));
}

TEST(Config, DefaultsLieInTheirOwnRanges) {
  Config defaults;
  FlagValues flags;
  for (const ConfigKey& key : config_keys(defaults)) {
    std::string value = key.value_text();
    if (value.front() == '"') value = value.substr(1, value.size() - 2);
    flags[key.full_name()] = value;
    EXPECT_FALSE(key.help.empty());
  }
  EXPECT_EQ(config_text(parse_config("", flags)), config_text(defaults));
}

TEST(Config, ReadsTheFileAndTheFlagsOverIt) {
  const Config config =
      parse_config("[server]\nport = 1000\nio_threads = 2\naddress = \"::1\"\n[log]\nlevel = \"warn\"\n",
                   {{"server.port", "2000"}});
  EXPECT_EQ(config.server.port, 2000);
  EXPECT_EQ(config.server.io_threads, 2);
  EXPECT_EQ(config.server.address, "::1");
  EXPECT_EQ(config.log.level, "warn");
}

TEST(Config, NamesTheKeyAndTheValueThatAreWrong) {
  EXPECT_EQ(fault("[server]\nport = 70000\n"), "Config: server.port = 70000: must be between 0 and 65535.");
  EXPECT_EQ(fault("", {{"server.port", "x1"}}), "Config: server.port = x1: must be a whole number.");
  EXPECT_EQ(fault("[server]\nport = \"80\"\n"),
            "Config: server.port = (no whole number): must be a whole number.");
  EXPECT_EQ(fault("[server]\nprot = 80\n"), "Config: there is no key server.prot.");
  EXPECT_EQ(fault("[sever]\nport = 80\n"), "Config: there is no section or key sever.");
  EXPECT_EQ(fault("server = 1\n"), "Config: server must be a section.");
  EXPECT_THAT(fault("[log]\nlevel = \"loud\"\n"),
              testing::HasSubstr("log.level = \"loud\": must be one of debug,"));
  EXPECT_THAT(fault("[server]\nport = \n"), testing::StartsWith("Config: line 2: "));
}

TEST(Config, ListensOnAnAddressAndWithTlsOnlyWithBothFiles) {
  EXPECT_EQ(fault("[server]\naddress = \"0.0.0.0\"\n"), "");
  EXPECT_THAT(fault("[server]\ntls_key_file = \"key.pem\"\n"), testing::HasSubstr("belong together"));
  EXPECT_THAT(fault("[server]\naddress = \"localhost\"\n"), testing::HasSubstr("is no IP address"));
}

TEST(Config, SaysWhichFileIsMissing) {
  EXPECT_THROW(load_config("no/such/file.toml", {}), std::runtime_error);
  EXPECT_EQ(load_config(std::nullopt, {{"server.port", "0"}}).server.port, 0);
}

TEST(Config, HasAFlagForEachKey) {
  CLI::App app;
  FlagValues values;
  add_config_flags(app, values);
  app.parse("--port 9000 --log-level debug");
  EXPECT_EQ(values, (FlagValues{{"server.port", "9000"}, {"log.level", "debug"}}));
}

}  // namespace
}  // namespace antiphon::server
