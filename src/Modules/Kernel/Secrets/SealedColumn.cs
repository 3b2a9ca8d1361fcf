using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Secrets;

/// <summary>What a module says of a column that holds sealed values, so that they can be sealed anew when the sealing key changes.</summary>
/// <param name="Reference">SQL over a row: what the value is bound to, as it was given to <see cref="MasterKey.Seal"/>.</param>
public sealed record SealedColumn(string Table, string Column, string Reference)
{
    public string FullName => $"{Database.Schema}.{Table}";
}

public static class SealedColumnRegistration
{
    public static IServiceCollection AddSealedColumns(this IServiceCollection services, params SealedColumn[] columns)
    {
        foreach (var column in columns) services.AddSingleton(column);
        return services;
    }
}
