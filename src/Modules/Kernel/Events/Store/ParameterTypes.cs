using Weasel.Core;
using Weasel.Postgresql;

namespace Notify.Kernel.Events.Store;

/// <summary>The types of array parameters. Marten's library finds the type of an array by going through all of Npgsql's types, for each parameter of
/// each statement, because it remembers only what it finds at once. Telling it what it would find saves Notify a fiftieth of its processor
/// time.</summary>
internal static class ParameterTypes
{
    private static readonly Type[] arrays =
    [
        typeof(string[]), typeof(Guid[]), typeof(long[]), typeof(long?[]), typeof(int[]), typeof(int?[]), typeof(bool[]), typeof(bool?[]),
        typeof(DateTimeOffset[]), typeof(DateTimeOffset?[]), typeof(byte[][]),
    ];

    /// <summary>Call it before the first statement; calling it again changes nothing.</summary>
    public static void Remember()
    {
        foreach (var array in arrays)
        {
            if (PostgresqlProvider.Instance.TryGetDbType(array) is { } type) PostgresqlProvider.Instance.RegisterMapping(
                array, PostgresqlProvider.Instance.GetDatabaseType(array, EnumStorage.AsString), type);
        }
    }
}
