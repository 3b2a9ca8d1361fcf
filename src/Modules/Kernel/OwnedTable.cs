using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Notify.Kernel;

/// <summary>
/// What a module declares about one of its tables for code that must handle all tables in one transaction: erasing a person's data, and expiring old
/// streams (docs/decisions/0010). No other module's code names the table.
/// </summary>
public sealed record OwnedTable(string Name, string Schema = Database.Schema)
{
    /// <summary>Columns that may contain texts from outside: text, text[] or jsonb.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Whether a row is useless without its text, and is deleted as a whole.</summary>
    public bool RowsAreTexts { get; init; }

    /// <summary>What a row of configuration is called (<c>service</c>): a person named in its <c>data</c> cannot be erased.</summary>
    public string? Noun { get; init; }

    /// <summary>SQL condition on a row: work in progress holds the content of the row and its stream, and would write it again. A person named there
    /// cannot be erased.</summary>
    public string? UnderWay { get; init; }

    /// <summary>Columns that cannot be searched with patterns, because they are sealed, packed or not texts.</summary>
    public IReadOnlyList<string> HiddenIn { get; init; } = [];

    /// <summary>Erases in the columns of <see cref="HiddenIn"/>.</summary>
    public EraseHidden? Hidden { get; init; }

    /// <summary>The column with the id of the stream that a row is about: the row is deleted when the stream expires.</summary>
    public string? Stream { get; init; }

    /// <summary>SQL condition on a row: more will happen in its stream, which therefore does not expire yet.</summary>
    public string? Open { get; init; }

    public string FullName => $"{Schema}.{Name}";
}

/// <param name="names">Whether a text names the person to erase, also escaped as in JSON.</param>
/// <returns>The number of rows changed.</returns>
/// <exception cref="ProblemException">It is not possible now; then nothing is erased.</exception>
public delegate Task<long> EraseHidden(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation);

public static class OwnedTableRegistration
{
    public static IServiceCollection AddOwnedTables(this IServiceCollection services, params OwnedTable[] tables)
    {
        foreach (var table in tables) services.AddSingleton(table);
        return services;
    }
}
