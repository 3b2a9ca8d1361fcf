using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Testing;

namespace Notify.Host.Tests;

/// <summary>What an answer names is what the log has; and what is logged about a message can be told from what is logged about another.</summary>
public sealed class TraceIdTests : IAsyncLifetime
{
    private readonly TracedLines lines = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(["Logging:LogLevel:Wolverine=Debug"], replace: services => services.AddSingleton<ILoggerProvider>(lines));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_internal_error_names_the_trace_id_of_its_line_in_the_log()
    {
        await host.ExecuteAsync("alter table notify.alarm rename to alarm_gone");
        var answer = await host.SendAsync("GET", "alarms");
        await host.ExecuteAsync("alter table notify.alarm_gone rename to alarm");

        answer.Status.Should().Be(500);
        lines.Said.Should().ContainSingle(x => x.Level == LogLevel.Error && x.Trace == (string)answer.Body["traceId"]!).Which.Text.Should()
            .Contain("GET /api/v1/alarms");
    }

    [Fact]
    public async Task what_is_logged_about_a_message_has_a_trace_id()
    {
        await Example.MakeAsync(host);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } });
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Motor too hot", StringComparison.Ordinal));
        foreach (var message in new[] { "AlarmsChanged", "NotificationsDecided" })
        {
            var handled = await Eventually.GetAsync(() => Task.FromResult(
                lines.Said.Where(x => x.Text.Contains($": Received {message}#", StringComparison.Ordinal)).ToList()), x => x.Count > 0);
            handled.Should().OnlyContain(x => x.Trace != null, message);
        }
    }

    [Fact]
    public void a_line_of_the_console_bears_the_trace_id_before_its_message()
    {
        var formatter = new Operating.ConsoleLines(new Notify.Kernel.Secrets.KnownSecrets(TimeProvider.System), TimeProvider.System);
        using var activity = new Activity("request").Start();
        using var text = new StringWriter();
        formatter.Write(new Microsoft.Extensions.Logging.Abstractions.LogEntry<string>(
            LogLevel.Error, "Notify.Requests", default, "It failed", null, (x, _) => x), null, text);
        text.ToString().TrimEnd().Should().EndWith($" fail Notify.Requests [{activity.TraceId.ToHexString()}]: It failed");
    }

    private sealed class TracedLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string? Trace, string Text)> Said { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Enqueue((logLevel, Activity.Current?.TraceId.ToHexString(), formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
