#include "config/contexts.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "config/server_settings.hpp"

namespace cachectl {

namespace {

/// Whether it, or a folder above it up to `base`, is a link to what is not there: a volume that is
/// not mounted, a file that was moved. It was meant to be there, and may have rules.
bool leads_nowhere(const std::filesystem::path& path, const std::filesystem::path& base) {
    for (std::filesystem::path part = path;; part = part.parent_path()) {
        std::error_code error;
        if (std::filesystem::is_symlink(std::filesystem::symlink_status(part, error)) &&
            !std::filesystem::exists(std::filesystem::status(part, error))) {
            return true;
        }
        if (part == base || !part.has_relative_path()) {
            return false;
        }
    }
}

/// The configuration file, if there is one. That one cannot look for it is an error where
/// `is_needed`, and else a warning.
std::optional<std::string> find_config_file(const ConnectionFlags& flags,
                                            const Environment& environment, bool is_needed,
                                            std::vector<std::string>& warnings) {
    if (flags.config) {
        return flags.config;
    }
    const auto folder = base_folder(environment, "XDG_CONFIG_HOME", ".config");
    if (!folder) {
        return std::nullopt;
    }
    const auto path = *folder / "cachectl" / "config.json";
    std::error_code error;
    if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found) {
        return leads_nowhere(path, *folder) ? std::optional(path.string()) : std::nullopt;
    }
    // sudo -u and containers keep the HOME of somebody else: nobody knows whether there is one.
    if (error == std::errc::permission_denied && !is_needed) {
        warnings.push_back(
            fmt::format("cannot look for a configuration in {}: {}; going on without",
                        path.parent_path().string(), error.message()));
        return std::nullopt;
    }
    return path.string();
}

}  // namespace

std::optional<std::filesystem::path> base_folder(const Environment& environment, const char* name,
                                                 const char* in_home) {
    std::filesystem::path folder = value_of_variable(environment, name).value_or("");
    if (folder.is_absolute()) {
        return folder;
    }
    folder = std::filesystem::path(value_of_variable(environment, "HOME").value_or("")) / in_home;
    if (folder.is_absolute()) {
        return folder;
    }
    return std::nullopt;
}

KnownContexts read_contexts(const ConnectionFlags& flags, const Environment& environment,
                            const CheckGlob& check_glob) {
    KnownContexts known;
    std::optional<std::string> name = flags.context;
    known.asked_by = "--context";
    if (!name) {
        known.asked_by = "CACHECTL_CONTEXT";
        name = value_of_variable(environment, known.asked_by);
    }
    if (const auto path = find_config_file(flags, environment, name.has_value(), known.warnings)) {
        known.file = read_config_file(*path, check_glob);
        known.warnings.insert(known.warnings.end(), known.file.warnings.begin(),
                              known.file.warnings.end());
    }
    if (!name && !known.file.default_context.empty()) {
        known.asked_by = fmt::format("default_context in {}", known.file.path);
        name = known.file.default_context;
    }
    if (name) {
        known.in_force = std::move(*name);
    } else {
        known.asked_by.clear();
    }
    return known;
}

}  // namespace cachectl
