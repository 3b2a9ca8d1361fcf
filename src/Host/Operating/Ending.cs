using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>Ends a process that was asked to stop (SIGTERM, Ctrl-C), whatever it waits for at that moment.</summary>
internal static class Ending
{
    /// <summary>For code that ignores the host's limit (30 s): a library that waits for an unavailable database or broker.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs the application until it is asked to stop and has stopped. Anything that hangs then is abandoned: everything that matters is in
    /// PostgreSQL, as after a kill, and a service manager would kill the process a little later.
    /// </summary>
    /// <exception cref="StartException">The application cannot start.</exception>
    public static async Task RunToItsEndAsync(this WebApplication app)
    {
        var (stopping, limit) = (app.Lifetime.ApplicationStopping, app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Ending");
        var late = new TaskCompletionSource();
        await using var asked = stopping.Register(
            () => _ = Task.Delay(limit + patience).ContinueWith(_ => late.TrySetResult(), TaskScheduler.Default));
        var running = app.RunAsync();
        try
        {
            if (await Task.WhenAny(running, late.Task) == running) await running;
            else logger.LogWarning("The shutdown hangs; exiting now. The next start, or another node, continues the unfinished work");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application was asked to stop while it started.
        }
        catch (IOException e) when (SaysAddressInUse(e))
        {
            // Kestrel's message names the address: "Failed to bind to address http://127.0.0.1:8066: address already in use."
            throw new StartException(
                $"Notify cannot listen: {e.Message} Stop the program that uses the address, or set another one (--urls, ASPNETCORE_URLS).", e);
        }
    }

    /// <summary>Whether Kestrel could not listen, because another program uses the address.</summary>
    internal static bool SaysAddressInUse(Exception? e) => e is IOException { InnerException: AddressInUseException };
}
