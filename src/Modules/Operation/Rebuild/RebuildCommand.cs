using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Kernel;

namespace Notify.Operation.Rebuild;

/// <summary><c>Notify.Host rebuild alarms notifications</c>, or <c>all</c>: rebuilds these read models and exits. Nodes may run meanwhile.</summary>
public static class RebuildCommand
{
    public const string Name = "rebuild";

    public static bool IsNamed(string[] args) => args is [Name, ..];

    /// <returns>The exit code: 0 when all was rebuilt.</returns>
    public static async Task<int> RunAsync(IHost app, string[] args)
    {
        var rebuilds = app.Services.GetRequiredService<Rebuilds>();
        RebuildState ended;
        string[] wanted = [.. args.Skip(1).TakeWhile(x => !x.StartsWith('-'))];
        try
        {
            var chosen = rebuilds.Choose(wanted);
            await app.StartAsync();
            try
            {
                var audit = AuditContext.OfSystem(Ids.NewGuid(app.Services.GetRequiredService<TimeProvider>().GetUtcNow()).ToString("N"),
                    reason: $"command rebuild {string.Join(' ', wanted)}, by {Environment.UserName} on {Environment.MachineName}");
                var (_, end) = await rebuilds.BeginAsync(
                    chosen, audit, app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
                ended = await end;
            }
            finally
            {
                await app.StopAsync();
            }
        }
        catch (ProblemException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        foreach (var x in ended.Models)
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{x.Model}: {x.Checked} compared, {x.Written} written, {x.Removed} removed{(x.Unreadable > 0 ? $", {x.Unreadable} unreadable" : "")}"));
        }

        if (ended.Failure is not { } failure) return 0;
        await Console.Error.WriteLineAsync(failure);
        return 1;
    }
}
