// Configuration files: read, or refused with a message that shows no password.
#include <fmt/format.h>

#include <string>

#include "config/config_file.hpp"
#include "fuzz/target.hpp"
#include "keyspace/sparing_glob.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_secret = "Tr0ub4dor";
constexpr const char* k_path = "conf/config.json";

void check_context(const ContextEntry& context) {
    expect(context.line > 0, "a context has a line");
    expect(!context.server || !context.server->name().empty(), "a server has a name");
    expect(context.pace.empty() || context.pace == "gentle" || context.pace == "normal" ||
               context.pace == "full",
           "a pace is one of three");
    for (const std::string& glob : context.protected_patterns) {
        check_sparing_glob(glob);  // which has let it pass
    }
    for (const std::string* file :
         {&context.policy_file, &context.audit_log, &context.tls.ca_file}) {
        expect(file->empty() || file->starts_with('/') || file->starts_with("conf/"),
               "files are relative to the configuration's folder");
    }
}

void read_checked(std::string_view text) {
    const bool has_secret = text.find(k_secret) != std::string_view::npos;
    try {
        const ConfigFile config = parse_config_file(text, k_path, check_sparing_glob);
        for (const auto& [name, context] : config.contexts) {
            expect(!name.empty(), "a context has a name");
            check_context(context);
        }
        expect(config.default_context.empty() || config.contexts.contains(config.default_context),
               "the default is a context");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "a mistake in it is the user's");
        const std::string said = fmt::format("{}\n{}", error.what(), error.hint());
        expect(said.starts_with(k_path), "a mistake has its file: " + said);
        expect(!has_secret || said.find(k_secret) == std::string::npos,
               "a password is not shown: " + said);
    }
}

}  // namespace

void fuzz_config(std::string_view input) {
    if (input.find(k_secret) != std::string_view::npos) {
        return;  // the word is a password only where it is put below
    }
    read_checked(input);
    // What a mistake behind a password, or in it, makes of the message.
    read_checked(
        fmt::format(R"({{"contexts":{{"a":{{"url":"redis://u:{}@h/0"{}}}}}}})", k_secret, input));
    read_checked(fmt::format(R"({{"contexts":{{"a":{{"url":"redis+sentinel://h/n",)"
                             R"("sentinel_password":"{}{})",
                             k_secret, input));
}

}  // namespace cachectl
