// What cachectl is measured against and beside. Built for `./dev bench`.
//
//   peer scan SOCKET                every key, one a line: SCAN COUNT 1000 in a loop
//   peer restores SOCKET            the RESTOREs that make each of its keys again, ready-made
//   peer latency SOCKET PID FILE    a GET each millisecond until process PID ends
//   peer plot NAME FILE …           the picture of it
//   peer relay PATH SOCKET MS       a long way to the server
//   peer ndjson N                   N records of about 165 bytes
//   peer resp N                     the SETs that warming those records amounts to, ready-made
#include "peer.hpp"

#include <cstdio>
#include <cstdlib>

namespace peer {

redisContext* connect(const char* socket) {
    redisContext* context = redisConnectUnix(socket);
    if (context == nullptr || context->err != 0) {
        std::fprintf(stderr, "peer: cannot connect to %s\n", socket);
        std::exit(1);
    }
    return context;
}

redisReply* checked(void* reply) {
    if (reply == nullptr) {
        std::fprintf(stderr, "peer: the connection was lost\n");
        std::exit(1);
    }
    return static_cast<redisReply*>(reply);
}

}  // namespace peer

namespace {

using namespace peer;

int scan(const char* socket) {
    redisContext* context = connect(socket);
    std::string cursor = "0";
    do {
        redisReply* page = checked(redisCommand(context, "SCAN %s COUNT 1000", cursor.c_str()));
        cursor = page->element[0]->str;
        for (std::size_t i = 0; i < page->element[1]->elements; ++i) {
            const redisReply* key = page->element[1]->element[i];
            std::fwrite(key->str, 1, static_cast<std::size_t>(key->len), stdout);
            std::fputc('\n', stdout);
        }
        freeReplyObject(page);
    } while (cursor != "0");
    redisFree(context);
    return 0;
}

void print(const char* bytes, std::size_t size) {
    std::printf("$%zu\r\n", size);
    std::fwrite(bytes, 1, size, stdout);
    std::fputs("\r\n", stdout);
}

int restores(const char* socket) {
    redisContext* context = connect(socket);
    std::string cursor = "0";
    do {
        redisReply* page = checked(redisCommand(context, "SCAN %s COUNT 1000", cursor.c_str()));
        cursor = page->element[0]->str;
        const redisReply* keys = page->element[1];
        for (std::size_t i = 0; i < keys->elements; ++i) {
            const redisReply* key = keys->element[i];
            redisAppendCommand(context, "DUMP %b", key->str, static_cast<std::size_t>(key->len));
        }
        for (std::size_t i = 0; i < keys->elements; ++i) {
            redisReply* dumped = nullptr;
            redisGetReply(context, reinterpret_cast<void**>(&dumped));
            std::fputs("*4\r\n$7\r\nRESTORE\r\n", stdout);
            print(keys->element[i]->str, static_cast<std::size_t>(keys->element[i]->len));
            print("0", 1);
            print(checked(dumped)->str, static_cast<std::size_t>(dumped->len));
            freeReplyObject(dumped);
        }
        freeReplyObject(page);
    } while (cursor != "0");
    redisFree(context);
    return 0;
}

std::string record(long i) {
    char text[256];
    const int size = std::snprintf(
        text, sizeof text,
        R"({"id":%ld,"tenant_id":%ld,"title":"Introduction to topic number %ld","active":true,)"
        R"("price":%ld.50,"tags":["a","b"],"updated_at":"2026-01-15T10:30:00Z","note":null})",
        i, i % 500, i, i % 1000);
    return {text, static_cast<std::size_t>(size)};
}

int ndjson(long n) {
    for (long i = 0; i < n; ++i) {
        std::puts(record(i).c_str());
    }
    return 0;
}

int resp(long n) {
    for (long i = 0; i < n; ++i) {
        const std::string key = "course:" + std::to_string(i);
        const std::string value = record(i);
        std::printf(
            "*6\r\n$3\r\nSET\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n$2\r\nPX\r\n$7\r\n3600000\r\n"
            "$2\r\nNX\r\n",
            key.size(), key.c_str(), value.size(), value.c_str());
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 2 ? argv[1] : "";
    if (mode == "scan") {
        return scan(argv[2]);
    }
    if (mode == "restores") {
        return restores(argv[2]);
    }
    if (mode == "latency" && argc == 5) {
        return latency(argv[2], std::atoi(argv[3]), argv[4]);
    }
    if (mode == "plot") {
        return plot({argv + 2, static_cast<std::size_t>(argc - 2)});
    }
    if (mode == "relay" && argc == 5) {
        return relay(argv[2], argv[3], std::atoi(argv[4]));
    }
    if (mode == "ndjson") {
        return ndjson(std::atol(argv[2]));
    }
    if (mode == "resp") {
        return resp(std::atol(argv[2]));
    }
    std::fprintf(stderr, "usage: peer scan|restores|latency|plot|relay|ndjson|resp …\n");
    return 2;
}
