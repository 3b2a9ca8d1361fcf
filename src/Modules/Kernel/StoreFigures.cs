using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel;

/// <summary>Figures for <c>/metrics</c> that only the database knows. Those of all modules are read in one round trip, once a second at
/// most.</summary>
/// <param name="Sql">Gives a row for each value of the label, or one row; its columns are the label, when there is one, and the figures in their
/// order.</param>
/// <param name="Label">By what the figures are told apart; null: they are one each.</param>
public sealed record StoreFigures(string Sql, string? Label, params IReadOnlyList<StoreFigure> Figures);

public sealed record StoreFigure(string Name, string? Unit, string Description);

public static class StoreFigureRegistration
{
    public static IServiceCollection AddStoreFigures(this IServiceCollection services, StoreFigures figures) => services.AddSingleton(figures);
}
