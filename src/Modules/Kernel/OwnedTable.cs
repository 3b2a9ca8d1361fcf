using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Notify.Kernel;

/// <summary>
/// What a module says of a table of its own to those who must reach every table in one transaction: who erases a person, and who puts old streams
/// away (docs/decisions/0010). No other module's code names the table.
/// </summary>
public sealed record OwnedTable(string Name, string Schema = Database.Schema)
{
    /// <summary>Columns that may hold texts from outside: text, text[] or jsonb.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>A row is nothing without its text: it goes as a whole.</summary>
    public bool RowsAreTexts { get; init; }

    /// <summary>What a reader calls a row of configuration (<c>service</c>): nobody is erased who is named in its <c>data</c>.</summary>
    public string? Noun { get; init; }

    /// <summary>SQL over a row: something is under way that holds what the row and its stream say, and would write it again. Nobody is erased who is
    /// named there.</summary>
    public string? UnderWay { get; init; }

    /// <summary>Columns in which no pattern finds anything, because they are sealed, packed or not texts.</summary>
    public IReadOnlyList<string> HiddenIn { get; init; } = [];

    /// <summary>Erases what is in those.</summary>
    public EraseHidden? Hidden { get; init; }

    /// <summary>The column that names the stream a row is about: the row goes when the stream expires.</summary>
    public string? Stream { get; init; }

    /// <summary>SQL over a row: more will happen in its stream, which does not expire before.</summary>
    public string? Open { get; init; }

    public string FullName => $"{Schema}.{Name}";
}

/// <param name="names">Whether a text names who is to be erased, also where it is escaped as in JSON.</param>
/// <returns>How many rows were changed.</returns>
/// <exception cref="ProblemException">It cannot be done now; nothing of the whole is.</exception>
public delegate Task<long> EraseHidden(NpgsqlConnection connection, Func<string, bool> names, CancellationToken cancellation);

public static class OwnedTableRegistration
{
    public static IServiceCollection AddOwnedTables(this IServiceCollection services, params OwnedTable[] tables)
    {
        foreach (var table in tables) services.AddSingleton(table);
        return services;
    }
}
