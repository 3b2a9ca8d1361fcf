namespace Notify.Host.Postgres;

public sealed record EmbeddedPostgresOptions
{
    /// <summary>Where the cluster (<c>postgres/</c>), its passwords (<c>pgpass</c>) and the lock are. Created if missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The directory with <c>postgres</c> and <c>initdb</c>; null: the usual places are searched.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>Whether it is started for a command such as <c>keys remove</c>, which works on the data of a Notify that is stopped
    /// meanwhile.</summary>
    public bool IsForCommand { get; init; }

    /// <summary>Settings of postgresql.conf that add to or replace those of <see cref="ClusterSettings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Notify's own PostgreSQL cannot be created, started or reached; the message is meant for the operator and contains no secrets.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    public EmbeddedPostgresException() { }

    public EmbeddedPostgresException(string message) : base(message) { }

    public EmbeddedPostgresException(string message, Exception innerException) : base(message, innerException) { }
}
