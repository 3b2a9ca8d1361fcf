using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel;

/// <summary>Figures for <c>/metrics</c> from the database. Those of all modules are read in one round trip, at most once a
/// second.</summary>
/// <param name="Sql">Returns a row for each value of the label, or one row; its columns are the label, if there is one, and the figures in
/// order.</param>
/// <param name="Label">The name of the label; null: there is one value for each figure.</param>
public sealed record StoreFigures(string Sql, string? Label, params IReadOnlyList<StoreFigure> Figures);

public sealed record StoreFigure(string Name, string? Unit, string Description);

public static class StoreFigureRegistration
{
    public static IServiceCollection AddStoreFigures(this IServiceCollection services, StoreFigures figures) => services.AddSingleton(figures);
}
