// Another client beside the work, and the picture of what it waited.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <vector>

#include "peer.hpp"

namespace peer {

namespace {

using Clock = std::chrono::steady_clock;

struct Sample {
    double at_s = 0;
    double waited_ms = 0;
};

double quantile(const std::vector<Sample>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]
        .waited_ms;
}

void sort_by_wait(std::vector<Sample>& samples) {
    std::sort(samples.begin(), samples.end(),
              [](const Sample& a, const Sample& b) { return a.waited_ms < b.waited_ms; });
}

// The plot's measures, in its own units.
constexpr int k_left = 250;
constexpr int k_right = 90;
constexpr int k_width = 620;
constexpr int k_row = 54;
constexpr int k_gap = 14;
constexpr int k_top = 40;
constexpr double k_least_ms = 0.02;
constexpr double k_most_ms = 1000;

double height_of(double ms) {
    const double part = std::log(std::clamp(ms, k_least_ms, k_most_ms) / k_least_ms) /
                        std::log(k_most_ms / k_least_ms);
    return part * k_row;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '<') {
            out += "&lt;";
        } else if (c == '&') {
            out += "&amp;";
        } else {
            out += c;
        }
    }
    return out;
}

void draw_row(const std::string& name, std::vector<Sample> samples, double seconds, int top) {
    const int base = top + k_row;
    for (const double ms : {0.1, 1.0, 10.0, 100.0}) {
        const double y = base - height_of(ms);
        std::printf(
            "<path class=\"g\" d=\"M%d %.1fh%d\"/><text class=\"t\" x=\"%d\" "
            "y=\"%.1f\">%g</text>\n",
            k_left, y, k_width, k_left - 4, y + 3, ms);
    }
    // The longest wait of each column.
    std::vector<double> columns(k_width, 0);
    const auto column_at = [&](double at_s) {
        return static_cast<std::size_t>(std::min(at_s / seconds, 1.0) * (k_width - 1));
    };
    for (const Sample& sample : samples) {
        const std::size_t last = column_at(sample.at_s + sample.waited_ms / 1000);
        for (std::size_t column = column_at(sample.at_s); column <= last; ++column) {
            columns[column] = std::max(columns[column], sample.waited_ms);
        }
    }
    std::printf("<path class=\"w\" d=\"");
    for (int x = 0; x < k_width; ++x) {
        const double ms = columns[static_cast<std::size_t>(x)];
        if (ms > 0) {
            std::printf("M%d %dv-%.1f", k_left + x, base, height_of(ms));
        }
    }
    std::printf("\"/>\n");
    sort_by_wait(samples);
    std::printf("<text x=\"0\" y=\"%d\">%s</text>\n", top + k_row / 2, escaped(name).c_str());
    std::printf("<text x=\"%d\" y=\"%d\">p99 %.2f ms</text>\n", k_left + k_width + 6,
                top + k_row / 2 - 8, quantile(samples, 0.99));
    std::printf("<text x=\"%d\" y=\"%d\">max %.3g ms</text>\n", k_left + k_width + 6,
                top + k_row / 2 + 8, samples.back().waited_ms);
}

}  // namespace

int latency(const char* socket, pid_t beside, const char* samples_file) {
    redisContext* context = connect(socket);
    std::vector<Sample> samples;
    const auto start = Clock::now();
    while (::kill(beside, 0) == 0) {
        const auto begin = Clock::now();
        freeReplyObject(checked(redisCommand(context, "GET user:1")));
        samples.push_back(
            {std::chrono::duration<double>(begin - start).count(),
             std::chrono::duration<double, std::milli>(Clock::now() - begin).count()});
        ::usleep(1000);
    }
    redisFree(context);
    if (samples.empty()) {
        return 1;
    }
    std::ofstream file(samples_file);
    for (const Sample& sample : samples) {
        file << sample.at_s << ' ' << sample.waited_ms << '\n';
    }
    sort_by_wait(samples);
    std::printf("%.2f %.2f %.2f\n", quantile(samples, 0.5), quantile(samples, 0.99),
                samples.back().waited_ms);
    return file.flush() ? 0 : 1;
}

int plot(std::span<char*> rows) {
    struct Row {
        std::string name;
        std::vector<Sample> samples;
    };
    std::vector<Row> all;
    double seconds = 0;
    for (std::size_t i = 0; i + 1 < rows.size(); i += 2) {
        Row& row = all.emplace_back();
        row.name = rows[i];
        std::ifstream file(rows[i + 1]);
        for (Sample sample; file >> sample.at_s >> sample.waited_ms;) {
            row.samples.push_back(sample);
        }
        if (row.samples.empty()) {
            return 1;
        }
        seconds = std::max(seconds, row.samples.back().at_s);
    }
    const int bottom = k_top + static_cast<int>(all.size()) * (k_row + k_gap);
    std::printf(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 0 %d %d\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n"
        "<style>.g{stroke:#ddd}.w{stroke:#c0392b}.t{font-size:8px;fill:#888;text-anchor:end}</"
        "style>\n"
        "<rect x=\"-10\" width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
        "<text x=\"0\" y=\"18\">What a GET of another client waits, in ms (log), while each runs "
        "on the same "
        "keyspace; time goes to the right</text>\n",
        k_left + k_width + k_right + 20, bottom + 24);
    for (std::size_t i = 0; i < all.size(); ++i) {
        draw_row(all[i].name, all[i].samples, seconds,
                 k_top + static_cast<int>(i) * (k_row + k_gap));
    }
    const double step = seconds > 5 ? 1 : 0.5;
    for (double at = 0; at <= seconds; at += step) {
        std::printf("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g s</text>\n",
                    k_left + at / seconds * (k_width - 1), bottom + 12, at);
    }
    std::printf("</svg>\n");
    return 0;
}

}  // namespace peer
