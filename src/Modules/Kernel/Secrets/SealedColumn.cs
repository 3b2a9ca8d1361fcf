using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Secrets;

/// <summary>A module's description of a column with sealed values, so that they can be re-sealed when the sealing key changes.</summary>
/// <param name="Reference">SQL over a row: the reference given to <see cref="MasterKey.Seal"/>.</param>
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
