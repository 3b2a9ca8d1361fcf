using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Notify.Host.Operating;
using Notify.Kernel.Secrets;

namespace Notify.Host.Tests;

/// <summary>What comes again with each try is in the log with its stack once, and then counted.</summary>
public sealed class ConsoleLinesTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 9, 30, 4, 0, 0, TimeSpan.Zero));
    private readonly ConsoleLines lines;

    public ConsoleLinesTests() => lines = new(new KnownSecrets(time), time);

    [Fact]
    public void a_fault_that_repeats_has_its_stack_once_and_then_a_line_a_minute_with_the_number()
    {
        var first = Log("Loop", "Replays stumbled", Fault("no such row"));
        first.Should().Contain("Replays stumbled").And.Contain("InvalidOperationException: no such row").And.Contain(nameof(Throw));
        for (var i = 0; i < 40; i++) Log("Loop", "Replays stumbled", Fault("no such row")).Should().BeEmpty();

        time.Advance(RepeatedFaults.Interval);
        var told = Log("Loop", "Replays stumbled", Fault("no such row"));
        told.Should().Contain("InvalidOperationException: no such row").And.Contain("[… 40 more times]").And.NotContain(nameof(Throw));
        told.Trim().Split('\n').Should().ContainSingle();
    }

    [Fact]
    public void a_clock_that_is_set_back_does_not_silence_it()
    {
        for (var i = 0; i < 3; i++) Log("Loop", "Replays stumbled", Fault("no such row"));
        time.AdjustTime(time.GetUtcNow().AddHours(-2));
        Log("Other", "All is well").Should().Contain("[… 2 more times]");
        Log("Loop", "Replays stumbled", Fault("no such row")).Should().BeEmpty();
        time.AdjustTime(time.GetUtcNow().AddHours(-2));
        Log("Loop", "Replays stumbled", Fault("no such row")).Should().Contain("no such row");
    }

    [Fact]
    public void the_number_is_told_also_when_the_fault_has_ceased()
    {
        Log("Loop", "Replays stumbled", Fault("no such row"));
        Log("Loop", "Replays stumbled", Fault("no such row"));
        Log("Other", "All is well").Should().NotContain("stumbled");
        time.Advance(RepeatedFaults.Interval);
        Log("Other", "All is well").Trim().Split('\n').Should().SatisfyRespectively(
            x => x.Should().Contain(" fail Loop: Replays stumbled InvalidOperationException: no such row [… 1 more time]"),
            x => x.Should().EndWith("Other: All is well"));
        time.Advance(RepeatedFaults.Interval);
        Log("Other", "All is well").Should().NotContain("stumbled");
    }

    [Fact]
    public void another_fault_another_message_and_what_has_no_fault_are_told_at_once()
    {
        Log("Loop", "Replays stumbled", Fault("no such row"));
        Log("Loop", "Replays stumbled", Fault("another row")).Should().Contain("another row")
            .And.NotContain(nameof(Throw), "that it happens there is known");
        Log("Loop", "Exports stumbled", Fault("no such row")).Should().Contain("Exports stumbled").And.NotContain(nameof(Throw));
        Log("Loop", "Replays stumbled", Fault(new ArgumentException("no such row"))).Should().Contain(nameof(Throw));
        for (var i = 0; i < 3; i++) Log("Loop", "Nothing to do").Should().Contain("Nothing to do");
    }

    [Fact]
    public void no_text_writes_a_line_of_its_own_or_moves_the_terminals_cursor()
    {
        var told = Log("Intake", "Alarm a\r\n2026-09-30 fail Host: forged\u2028x\u001b[2J\u001b]0;title\u0007\u0085\tend", Fault("b\u001b[31mc")).TrimEnd('\n');
        told.Should().Contain("2026-09-30 fail Host: forged").And.Contain("end").And.Contain("b [31mc");
        told.Should().NotContainAny(Enumerable.Range(0, 0xa0).Select(x => (char)x).Where(char.IsControl).Select(x => x.ToString()).Append("\u2028"));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("simple")]
    [InlineData("systemd")]
    [InlineData("Json")]
    public void in_every_format_secrets_are_struck_out_and_the_rest_stays(string format)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:Console:FormatterName", format)]).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(settings).AddSingleton<TimeProvider>(time).AddSingleton<KnownSecrets>();
        services.AddLogging(x => ConsoleLines.AddTo(x.AddConfiguration(settings.GetSection("Logging")), settings));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName.Should().Be(MaskedConsole.FormatterName);
        var formatter = provider.GetServices<ConsoleFormatter>().Single(x => x.Name == MaskedConsole.FormatterName);
        provider.GetRequiredService<KnownSecrets>().Add("k3y-of-the-robot-4711");
        using var writer = new StringWriter();
        List<KeyValuePair<string, object?>> state = [new("Address", "https://x.example/send?key=k3y-of-the-robot-4711"), new("Count", 7)];
        var entry = new LogEntry<List<KeyValuePair<string, object?>>>(
            LogLevel.Error, "Loop", 0, state, new InvalidOperationException("Failed: k3y-of-the-robot-4711"),
            (x, _) => $"Sent to {x[0].Value} and others");
        formatter.Write(entry, null, writer);
        var text = writer.ToString();
        text.Should().NotContain("robot-4711").And.Contain("https://x.example/send?key=").And.Contain("and others").And.EndWith(Environment.NewLine);
        if (!format.Equals("json", StringComparison.OrdinalIgnoreCase)) return;
        var json = JsonNode.Parse(text)!;
        ((string?)json["Category"], (int?)json["State"]!["Count"]).Should().Be(("Loop", 7), text);
        text.TrimEnd().Should().NotContain("\n", "one line each");
    }

    [Fact]
    public void that_an_address_is_in_use_is_left_to_the_last_word_of_the_process_and_no_fault_of_the_database() =>
        Log("Host", "Hosting failed to start", new IOException("Failed to bind.", new AddressInUseException("In use."))).Should().BeEmpty();

    [Fact]
    public void so_is_a_setting_that_cannot_be_used_but_only_where_it_ends_the_process()
    {
        OptionsValidationException wrong = new("", typeof(string), ["A must be more than zero."]);
        Log("Microsoft.Extensions.Hosting.Internal.Host", "Hosting failed to start", wrong).Should().BeEmpty();
        Log("Loop", "Replays stumbled", wrong).Should().Contain("A must be more than zero.");
    }

    [Fact]
    public void a_request_that_failed_has_its_line_since_its_answer_names_it_but_the_stack_only_once()
    {
        Log(ConsoleLines.Requests, "GET failed", Fault("no such row")).Should().Contain(nameof(Throw));
        Log(ConsoleLines.Requests, "GET failed", Fault("no such row")).Should()
            .Contain("GET failed InvalidOperationException: no such row").And.NotContain(nameof(Throw));
    }

    [Fact]
    public void a_database_that_is_away_has_one_line_of_each_kind_without_a_stack()
    {
        Log("Loop", "Replays wait", Fault(new TimeoutException("away"))).Should().Contain("away").And.NotContain(nameof(Throw));
        Log("Loop", "Replays wait", Fault(new TimeoutException("away, after 3 s"))).Should().BeEmpty();
        time.Advance(RepeatedFaults.Interval);
        Log("Loop", "Replays wait", Fault(new TimeoutException("away"))).Should().Contain("[… 1 more time]").And.NotContain(nameof(Throw));
    }

    [Fact]
    public void what_is_remembered_is_bounded_and_the_latest()
    {
        var repeated = new RepeatedFaults();
        bool May(int i) => repeated.MayTell(new(LogLevel.Error, "Loop", "", $"{i}"), time.GetUtcNow().AddSeconds(i / 100.0), "", out _);
        for (var i = 0; i <= RepeatedFaults.Most; i++) May(i).Should().BeTrue();
        May(RepeatedFaults.Most).Should().BeFalse("it is among the latest");
        May(0).Should().BeTrue("it made room");
    }

    [Fact]
    public void what_makes_room_is_told_with_its_number_first()
    {
        Log("Loop", "Replays stumbled", Fault("no such row"));
        for (var i = 0; i < 3; i++) Log("Loop", "Replays stumbled", Fault("no such row"));
        var others = "";
        for (var i = 0; i < RepeatedFaults.Most; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            others += Log("Other", $"Export {i} stumbled", Fault("no such row"));
        }

        others.Trim().Split('\n').Where(x => x.Contains("Replays", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().EndWith(
            " fail Loop: Replays stumbled InvalidOperationException: no such row [… 3 more times]");
        time.Advance(RepeatedFaults.Interval);
        Log("Other", "All is well").Should().NotContain("Replays");
    }

    private string Log(string category, string text, Exception? fault = null)
    {
        using var writer = new StringWriter();
        KeyValuePair<string, object?>[] state = [new("{OriginalFormat}", text)];
        var level = fault is null ? LogLevel.Information : LogLevel.Error;
        lines.Write(new LogEntry<KeyValuePair<string, object?>[]>(level, category, default, state, fault, (_, _) => text), null, writer);
        return writer.ToString();
    }

    private static Exception Fault(string message) => Fault(new InvalidOperationException(message));

    private static Exception Fault(Exception fault)
    {
        try
        {
            Throw(fault);
        }
        catch (Exception e)
        {
            return e;
        }

        return fault;
    }

    private static void Throw(Exception fault) => throw fault;
}
