#include "support/cut_commands.hpp"

#include <algorithm>

namespace cachectl::test {

namespace {

using Words = CutCommand::Words;
constexpr std::string_view k_backup = "@/backup.rdb";

CutCommand and_backup(CutCommand command) {
    command.name += " --backup";
    command.words.insert(command.words.end(), {"--backup", std::string(k_backup)});
    return command;
}

/// Each of them without and with a backup.
std::vector<CutCommand> both_ways(const std::vector<CutCommand>& commands) {
    std::vector<CutCommand> all;
    for (const CutCommand& command : commands) {
        all.push_back(command);
        all.push_back(and_backup(command));
    }
    return all;
}

CutCommand loading(const std::string& name, const Words& more) {
    CutCommand command{name, {"warm", "@/rows.csv", "--ttl", "1h"}};
    command.words.insert(command.words.end(), more.begin(), more.end());
    command.words.insert(command.words.end(), {"--resume", "--journal", "@/journal"});
    return command;
}

const Words k_saving = {"invalidate", "course:*", "--backup", "@/saved.rdb"};

}  // namespace

bool CutCommand::has_backup() const {
    return !is("restore") && (std::count(words.begin(), words.end(), k_backup) != 0 ||
                              std::count(before.begin(), before.end(), k_backup) != 0);
}

Words CutCommand::of_run(const Words& some, const std::string& folder, bool again) const {
    Words all = some;
    for (std::string& word : all) {
        if (again && word == k_backup) {
            word = "@/second.rdb";
        }
        if (word.starts_with("@/")) {
            word.replace(0, 1, folder);
        }
    }
    all.emplace_back("--json");
    if (all.front() != "apply") {
        all.emplace_back("--yes");
    }
    return all;
}

std::vector<CutCommand> deleting_commands() {
    return both_ways({
        {"invalidate", {"invalidate", "course:*"}},
        {"invalidate a list",
         {"invalidate", "--keys-from", "-"},
         "course:1\ncourse:hash\nmissing\nother:a\n"},
        {"invalidate --members-of", {"invalidate", "--members-of", "tag"}},
        {"flush", {"flush", "course"}},
        {"flush --whole-db", {"flush", "--whole-db"}},
    });
}

std::vector<CutCommand> expiring_commands() {
    return both_ways({
        {"expire --set", {"expire", "course:*", "--set", "2h"}},
        {"expire --cap", {"expire", "course:*", "--cap", "1h"}},
        {"expire --remove", {"expire", "course:*", "--remove"}},
    });
}

std::vector<CutCommand> restoring_commands() {
    return {
        {.name = "restore", .words = {"restore", "@/saved.rdb"}, .before = k_saving},
        {.name = "restore --replace",
         .words = {"restore", "@/saved.rdb", "--replace"},
         .before = {"expire", "course:*", "--set", "2h", "--backup", "@/saved.rdb"}},
        {.name = "apply",
         .words = {"apply", "@/plan"},
         .before = {"invalidate", "course:*", "--backup", std::string(k_backup), "--plan",
                    "@/plan"},
         .instead = {"invalidate", "course:*"}},
    };
}

std::vector<CutCommand> warming_commands() {
    const Words strings = {"--key", "course:{id}"};
    const auto and_more = [](Words words, const Words& more) {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    const Words overwrite = and_more(strings, {"--if-exists", "overwrite"});
    return {
        loading("warm", and_more(strings, {"--verify"})),
        loading("warm --if-exists overwrite", overwrite),
        and_backup(loading("warm --if-exists overwrite", overwrite)),
        loading("warm --if-exists update", and_more(strings, {"--if-exists", "update"})),
        loading("warm --as hash", and_more(overwrite, {"--as", "hash"})),
        and_backup(loading("warm --as hash", and_more(overwrite, {"--as", "hash"}))),
        loading("warm --collect", {"--collect", "all:courses", "--if-exists", "overwrite"}),
        loading("warm --group", {"--group", "course:{kind}", "--as", "list", "--columns", "id",
                                 "--if-exists", "overwrite"}),
        loading("warm --sync", and_more(overwrite, {"--sync", "course:*"})),
        and_backup(loading("warm --sync", and_more(overwrite, {"--sync", "course:*"}))),
        loading("warm --switch", {"--set", "r=v2", "--key", "course:{r}:{id}", "--switch", "now"}),
    };
}

std::vector<CutCommand> some_commands() {
    std::vector<CutCommand> some;
    for (const auto& commands :
         {deleting_commands(), expiring_commands(), restoring_commands(), warming_commands()}) {
        for (std::size_t i = 1; i < commands.size(); i += 2) {
            some.push_back(commands[i]);
        }
    }
    return some;
}

std::string cut_rows() {
    std::string text = "id,kind,title\n";
    for (int i = 0; i < 12; ++i) {
        text += std::to_string(i) + (i % 2 == 0 ? ",even" : ",odd") + ",title " +
                std::to_string(i) + '\n';
    }
    return text;
}

}  // namespace cachectl::test
