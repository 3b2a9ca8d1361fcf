namespace Notify.Host.Postgres;

/// <summary>The settings of Notify's own server: for a small machine (2 cores), and so that whatever was committed is on disk.</summary>
static class ClusterSettings
{
    /// <param name="lz4">Whether the server was built with LZ4.</param>
    /// <param name="memory">The machine's memory in bytes, or the limit set for Notify.</param>
    public static Dictionary<string, string> For(int port, bool lz4, long memory) => new(StringComparer.Ordinal)
    {
        ["listen_addresses"] = "127.0.0.1",
        ["port"] = $"{port}",
        // A socket's path may have 107 bytes and a data directory is often deeper; loopback TCP costs little more.
        ["unix_socket_directories"] = "",
        ["max_connections"] = "200",
        ["password_encryption"] = "scram-sha-256",

        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        // After a torn page the log restores the whole page; these images are most of the log, and LZ4 costs little to halve them.
        ["full_page_writes"] = "on",
        ["wal_compression"] = lz4 ? "lz4" : "on",
        ["default_toast_compression"] = lz4 ? "lz4" : "pglz",
        // Few, long, evenly spread checkpoints: each one makes the next change of every page a full page image again.
        ["max_wal_size"] = "2GB",
        ["min_wal_size"] = "256MB",
        ["checkpoint_timeout"] = "15min",
        ["checkpoint_completion_target"] = "0.9",
        ["wal_buffers"] = "16MB",

        // A sixteenth of memory: with millions of events the indexes outgrow the minimum, and pages that do not fit are written again and again.
        // Notify and the file cache need the rest.
        ["shared_buffers"] = $"{Math.Clamp(memory / 16 >> 20, 256, 1024)}MB",
        ["effective_cache_size"] = $"{Math.Max(memory / 2 >> 20, 1024)}MB",
        ["work_mem"] = "8MB",
        ["maintenance_work_mem"] = "128MB",
        // Data sits on solid state disks or in the cache.
        ["random_page_cost"] = "1.1",
        // Queries are short; compiling one costs more than running it.
        ["jit"] = "off",
        ["max_parallel_workers_per_gather"] = "1",

        // Event tables only grow, queue tables turn over entirely: vacuum by small fractions and often, so that index-only scans stay possible
        // and a queue's dead rows don't pile up between the default's visits.
        ["autovacuum_naptime"] = "15s",
        ["autovacuum_vacuum_scale_factor"] = "0.02",
        ["autovacuum_vacuum_insert_scale_factor"] = "0.05",
        ["autovacuum_analyze_scale_factor"] = "0.02",
        ["autovacuum_vacuum_cost_limit"] = "1000",

        // One file for each day of the week, overwritten a week later.
        ["logging_collector"] = "on",
        ["log_directory"] = "log",
        ["log_filename"] = "postgresql-%a.log",
        ["log_truncate_on_rotation"] = "on",
        ["log_rotation_age"] = "1d",
        ["log_rotation_size"] = "0",
        ["log_timezone"] = "UTC",
        ["log_line_prefix"] = "%m [%p] %u ",
        // Messages about a failed start are recognised by their text.
        ["lc_messages"] = "C",
        ["timezone"] = "UTC",
        ["cluster_name"] = "notify",
    };
}
