#include "support/example_keys.hpp"

#include <fmt/format.h>

#include <functional>
#include <vector>

#include "support/compressed.hpp"

namespace cachectl::test {

namespace {

using Args = RespClient::Args;

/// `count` strings prefix1, prefix2, …, for so many seconds.
void set_all(RespClient& client, const std::string& prefix, std::size_t count, int seconds) {
    client.pipeline(count, [&](std::size_t i) {
        return Args{"SET", prefix + std::to_string(i + 1),
                    fmt::format(R"({{"id":{},"title":"Nr. {}"}})", i + 1, i + 1), "EX",
                    std::to_string(seconds + static_cast<int>(i % 300))};
    });
}

void expire(RespClient& client, const std::string& key) { client.run({"EXPIRE", key, "1800"}); }

std::string rows(std::size_t count, const std::string& head,
                 const std::function<std::string(std::size_t)>& row) {
    std::string text = head;
    for (std::size_t i = 1; i <= count; ++i) {
        text += row(i) + '\n';
    }
    return text;
}

std::string codes() {
    std::string text;
    for (int i = 1; i <= 6740; ++i) {
        text += fmt::format(R"({}{{"code":"{:05}","description":"Examen, niveau {}"}})",
                            i > 1 ? ",\n" : "", i, i % 9);
    }
    return '[' + text + "]\n";
}

/// As mariadb-dump writes it.
std::string dump(const std::vector<std::string>& tables) {
    std::string text;
    for (const std::string& table : tables) {
        text += fmt::format(
            "CREATE TABLE `{}` (\n  `id` int(11) NOT NULL,\n  `tenant_id` int(11) NOT NULL,\n"
            "  `code` varchar(9) NOT NULL,\n  `title` varchar(80) DEFAULT NULL,\n"
            "  `active` tinyint(1) NOT NULL,\n  PRIMARY KEY (`id`)\n);\nINSERT INTO `{}` VALUES ",
            table, table);
        for (int i = 1; i <= 200; ++i) {
            text += fmt::format("{}({},{},'C{:03}','Nr. {}',{})", i > 1 ? "," : "", i, i % 7, i, i,
                                i % 3 == 0 ? 0 : 1);
        }
        text += ";\n";
    }
    return text;
}

}  // namespace

void fill_cold_caches(RespClient& client) {
    set_all(client, "sess:", 1500, 604'000);
    set_all(client, "tenant:", 250, 3'290);
    client.pipeline(300, [](std::size_t i) {
        return Args{"HSET", "bull:jobs:" + std::to_string(i + 1), "name", "send-invoice"};
    });
    client.run({"RPUSH", "bull:jobs:wait", "1", "2", "3"});
    client.run({"SET", "bull:jobs:id", "300"});
}

void fill_application(RespClient& client) {
    fill_cold_caches(client);
    set_all(client, "course:", 1190, 1'500);
    set_all(client, "course:draft:", 10, 1'500);
    set_all(client, "dispatches:list:", 250, 200);
    set_all(client, "fleet:vehicle:", 180, 500);
    for (const char* prefix : {"menu:", "lesson:", "ci:4711:", "preview:main:", "stale:", "tmp:a:",
                               "tmp:b:", "courses:list:", "c:v41:"}) {
        set_all(client, prefix, 12, 1'000);
    }
    client.run({"SET", "c:now", "v41", "EX", "1800"});
    client.run({"SET", "dashboard:metrics:v3", R"({"vehicles":180})", "EX", "1800"});
    client.run({"SET", "ramq:codes:all", codes(), "EX", "1800"});
    client.run({"HSET", "user:42", "email", "a@example.com", "name", "Ann", "cart", "{}"});
    client.run({"SADD", "tag:course:42", "course:1", "course:2", "course:42", "course:gone"});
    for (int i = 1; i <= 20; ++i) {
        client.run({"RPUSH", "queue:mail", "mail " + std::to_string(i)});
    }
    for (const char* key : {"user:42", "tag:course:42", "queue:mail"}) {
        expire(client, key);
    }
}

void fill_audited(RespClient& client) {
    const auto hashes = [&](const std::string& prefix, const std::string& suffix,
                            std::size_t count) {
        client.pipeline(count, [&](std::size_t i) {
            return Args{"HSET", prefix + std::to_string(i + 1) + suffix, "user", "42"};
        });
    };
    hashes("user:", ":cart", 302);
    hashes("sess:", "", 3'189);
    client.pipeline(3'189, [](std::size_t i) {
        return Args{"EXPIRE", "sess:" + std::to_string(i + 1), "600000"};
    });
    set_all(client, "tmp:export:", 12, 1'000);
}

std::map<std::string, std::string> application_files() {
    std::map<std::string, std::string> files;
    const auto course = [](std::size_t i) {
        return fmt::format(R"({{"id":{},"tenant_id":{},"title":"Course {}"}})", i, i % 250 + 1, i);
    };
    files["courses.ndjson"] = rows(1200, "", course);
    files["courses.csv"] = rows(1200, "id,tenant_id,title\n", [](std::size_t i) {
        return fmt::format("{},{},Course {}", i, i % 250 + 1, i);
    });
    files["c.csv"] = rows(12, "id,title\n", [](std::size_t i) { return fmt::format("{},c", i); });
    files["codes.json"] = codes();
    files["dispatches.csv"] = rows(5000, "id,tenant_id,status\n", [](std::size_t i) {
        return fmt::format("{},{},delivered", i, i % 250 + 1);
    });
    files["tenants.csv"] = rows(250, "id,name,plan\n", [](std::size_t i) {
        return fmt::format("{},\"Tenant {}, Inc.\",basic", i, i);
    });
    for (const char* part : {"1", "2"}) {
        files[fmt::format("dump/codes {}.csv", part)] =
            fmt::format("id,code,name_fr\n{},ab{},Premier\n", part, part);
    }
    const std::string all = dump({"courses", "codes", "t"});
    files["dump.sql"] = all;
    files["dump.sql.gz"] = files["dumps/school.sql.gz"] = gzipped(all);
    const std::string courses = dump({"courses"});
    files["courses.sql"] = courses;
    files["schema.sql"] = courses.substr(0, courses.find("INSERT"));
    files["data.sql"] = courses.substr(courses.find("INSERT"));
    files["stale.txt"] = "stale:1\nstale:2\n";
    files["keys.txt"] = "course:1\ncourse:2\n";
    return files;
}

}  // namespace cachectl::test
