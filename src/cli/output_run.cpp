#include "cli/output_run.hpp"

#include <chrono>
#include <optional>
#include <string>

#include "cli/target.hpp"
#include "output/prometheus.hpp"
#include "util/error.hpp"
#include "util/figures.hpp"
#include "util/whole_file.hpp"

namespace cachectl {

namespace {

/// While it lives, what is written to stdout goes elsewhere, and is not for a terminal.
class Diverted {
public:
    Diverted(Context& ctx, std::string& sink) : m_ctx(ctx), m_terminal(ctx.out_terminal) {
        m_ctx.out.divert(&sink);
        m_ctx.out_terminal = {};
    }
    ~Diverted() {
        m_ctx.out.divert(nullptr);
        m_ctx.out_terminal = m_terminal;
    }
    Diverted(const Diverted&) = delete;
    Diverted& operator=(const Diverted&) = delete;

private:
    Context& m_ctx;
    Terminal m_terminal;
};

void write_run(Context& ctx, bool up) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(ctx.wall_now().time_since_epoch());
    const FigureRow row = {
        {"up", std::int64_t{up ? 1 : 0}, Figure::Kind::gauge, Figure::Unit::none,
         "Whether the server was reached and has told its figures"},
        {"last_run_timestamp_seconds", std::int64_t{now.count()}, Figure::Kind::gauge,
         Figure::Unit::none, "When these figures were read, in seconds since 1970"}};
    const FigureGroup group{"", FigureGroup::Shape::one, {row}};
    write_figures_prometheus(ctx.out, std::span(&group, 1));
}

bool is_away(ExitCode code) { return code == ExitCode::unreachable || code == ExitCode::refused; }

ExitCode run_telling(Context& ctx, bool prometheus, const std::function<ExitCode()>& work) {
    if (!prometheus) {
        return work();
    }
    const PrometheusTarget target(name_of_database(ctx.settings.address));
    try {
        const ExitCode code = work();
        write_run(ctx, !is_away(code));
        return code;
    } catch (const Error& error) {
        if (is_away(error.code())) {
            write_run(ctx, false);
        }
        throw;
    }
}

}  // namespace

ExitCode run_with_output(Context& ctx, const FormatChoice& output,
                         const std::function<ExitCode()>& work) {
    const bool prometheus = output.chosen == Format::prometheus;
    if (output.to_file.empty()) {
        return run_telling(ctx, prometheus, work);
    }
    std::string text;
    std::optional<Error> failure;
    ExitCode code = ExitCode::ok;
    {
        const Diverted diverted(ctx, text);
        try {
            code = run_telling(ctx, prometheus, work);
        } catch (const Error& error) {
            if (!prometheus || !is_away(error.code())) {
                throw;
            }
            failure = error;
        }
    }
    write_whole_file(output.to_file, text);
    if (failure) {
        throw Error(*failure);
    }
    return code;
}

}  // namespace cachectl
