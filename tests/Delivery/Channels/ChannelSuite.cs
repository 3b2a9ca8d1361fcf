using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

/// <summary>One host for all cases of a channel.</summary>
public sealed class ChannelHost<TPeer> : IAsyncLifetime
    where TPeer : ChannelPeer, new()
{
    public TPeer Peer { get; } = new();
    public NotifyHost Host { get; private set; } = null!;
    public string ServiceId { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await Peer.StartAsync();
        Host = await NotifyHost.StartAsync([.. Peer.Settings]);
        await Peer.BeginAsync(Host);
        ServiceId = await ServiceAsync("The service", rightSecret: true);
    }

    public async Task<string> ServiceAsync(string name, bool rightSecret) => (string)(await Host.PostAsync(
        "services", new JsonObject { ["type"] = Peer.Type, ["name"] = name, [Peer.Type] = Peer.Service(rightSecret) }))["id"]!;

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Peer.DisposeAsync();
    }
}

/// <summary>
/// What every channel must do, tried against the stand-in of its platform. A channel is proven by a <see cref="ChannelPeer"/> for each of its kinds
/// of receivers, and a class that derives from this.
/// </summary>
public abstract class ChannelSuite<TPeer>(ChannelHost<TPeer> fixture) : IClassFixture<ChannelHost<TPeer>>, IAsyncLifetime
    where TPeer : ChannelPeer, new()
{
    private static int cases;
    private readonly string path = $"Case{Interlocked.Increment(ref cases)}";

    private TPeer Peer => fixture.Peer;
    private NotifyHost Host => fixture.Host;

    public Task InitializeAsync()
    {
        Peer.Heal();
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Peer.Heal();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task a_message_arrives_once()
    {
        await RuleAsync("{name}");
        var notification = await RaiseAsync("Motor too hot");
        Status(notification).Should().Be("Delivered");
        Outcomes(notification).Should().Equal("delivered");
        Seen("Motor too hot").Should().ContainSingle();
    }

    [Fact]
    public async Task what_is_too_long_for_one_message_arrives_whole()
    {
        int[] lines = [.. Enumerable.Range(100, Peer.Shortens ? 50 : 200)];
        await RuleAsync(string.Join(' ', lines.Select(i => $"#{i}# of a long message, 长消息的一行;")) + " {name}");
        Status(await RaiseAsync("Long")).Should().Be("Delivered");
        if (Peer.Shortens)
        {
            Seen("#100# of a").Should().ContainSingle().Which.Should().Contain("…");
            return;
        }

        var shown = Peer.Shown.Where(x => x.Contains("of a long message", StringComparison.Ordinal)).ToList();
        lines.Should().OnlyContain(i => shown.Any(x => x.Contains($"#{i}#", StringComparison.Ordinal)));
        if (Peer.Splits) shown.Should().HaveCountGreaterThan(1);
        else shown.Should().ContainSingle();
    }

    [Fact]
    public async Task many_alarms_at_once_all_arrive()
    {
        const int Count = 50;
        await RuleAsync("{name}");
        await Host.PostAsync("alarms", new { alarms = Enumerable.Range(10, Count).Select(i => new { name = $"Storm{i}", path }) });
        var all = await EndedAsync(Count);
        all.Select(Status).Should().AllBe("Delivered");
        var shown = Peer.Shown.Where(x => x.Contains("Storm", StringComparison.Ordinal)).ToList();
        Enumerable.Range(10, Count).Should().OnlyContain(i => shown.Any(x => x.Contains($"Storm{i}", StringComparison.Ordinal)));
        if (Peer.Merges) shown.Should().HaveCountLessThan(Count);
        else shown.Should().HaveCount(Count);
    }

    [Fact]
    public async Task each_part_of_a_preview_keeps_to_the_limits_that_the_channel_names()
    {
        var preview = Peer.Message(string.Join(" ", Enumerable.Range(0, Peer.Shortens ? 300 : 1000).Select(i => $"word {i}")));
        var plans = (await Host.PostAsync("messages/preview", preview))["plans"]!.AsArray();
        var channel = (await Host.GetAsync("channels"))["items"]!.AsArray().Single(x => (string?)x!["type"] == Peer.Type)!;
        var limits = channel["formats"]!.AsArray().SelectMany(x => x!["limits"]!.AsArray()).Select(x => (int?)x!["bytes"]).ToHashSet();
        plans.Should().NotBeEmpty();
        foreach (var plan in plans)
        {
            limits.Should().Contain((int?)plan!["limitBytes"]);
            var limit = (int?)plan["limitBytes"] ?? int.MaxValue;
            plan["parts"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => (int)x!["bytes"]! <= limit);
        }
    }

    [Fact]
    public async Task a_wrong_secret_is_explained_and_never_shown()
    {
        var service = await fixture.ServiceAsync($"Wrong {path}", rightSecret: false);
        var answer = Peer.TestsByMessage
            ? await Host.PostAsync($"messages/{await MessageAsync("Hello")}/test", new { serviceId = service, receivers = new[] { Peer.Receiver } })
            : await Host.PostAsync($"services/{service}/test", new { receivers = new[] { Peer.Receiver }, text = "Hello" });
        var result = answer["results"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)result["outcome"]).Should().Be("failed");
        ((string)result["advice"]!["en"]!).Should().NotBeEmpty();
        ((string)result["advice"]!["zh"]!).Should().MatchRegex("[一-龥]");
        foreach (var text in new[] { answer.ToJsonString(), (await Host.GetAsync($"services/{service}")).ToJsonString() })
            text.Should().NotContain(Peer.Secret);
    }

    [Fact]
    public async Task a_receiver_that_the_service_does_not_have_is_refused()
    {
        var answer = await Host.SendAsync(
            "POST", $"services/{fixture.ServiceId}/test", new JsonObject { ["receivers"] = new JsonArray(Peer.Unknown), ["text"] = "Hello" });
        answer.Status.Should().Be(400);
        answer.Faults.Should().OnlyContain(x => x.StartsWith("receivers[0]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_receiver_that_the_platform_refuses_keeps_no_other_from_being_told()
    {
        if (Peer.Unreachable is not { } unreachable)
        {
            var kinds = (await Host.GetAsync("channels"))["items"]!.AsArray().Single(x => (string?)x!["type"] == Peer.Type)!["receivers"]!.AsArray();
            kinds.Should().OnlyContain(x => x!["namedBy"] == null, "a service of such a channel has one receiver only");
            return;
        }

        await RuleAsync("{name}", Peer.Receiver, unreachable);
        await Host.PostAsync("alarms", new { alarms = new[] { new { name = "Partly", path } } });
        var ended = await Eventually.GetAsync(
            NotificationsAsync, x => x.Count > 0 && x.SelectMany(Outcomes).Count(o => o == "delivered") == 1
                && x.Any(n => n["attempts"]!.AsArray().Any(a => (string?)a!["outcome"] is "failed" or "partlyDelivered")));
        ended.SelectMany(Outcomes).Should().HaveCount(2);
        Seen("Partly").Should().ContainSingle();
    }

    [Fact]
    public async Task a_request_that_is_not_answered_is_repeated()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.NoAnswer);
        var notification = await RaiseAsync("Silent");
        Status(notification).Should().Be("Delivered");
        Attempts(notification).Should().Equal("unknown", "delivered");
        Seen("Silent").Should().ContainSingle();
    }

    [Fact]
    public async Task a_lost_answer_shows_a_message_twice_only_where_it_is_marked()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.LostAnswer);
        var notification = await RaiseAsync("Lost");
        Status(notification).Should().Be("Delivered");
        Attempts(notification).Should().Equal("unknown", "delivered");
        if (Peer.DropsRepeats) Seen("Lost").Should().ContainSingle();
        else ((bool)notification["mayHaveArrivedTwice"]!, Seen("Lost").Count).Should().Be((true, 2));
    }

    [Fact]
    public async Task a_cut_answer_is_no_answer()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.CutAnswer);
        var notification = await RaiseAsync("Cut");
        Status(notification).Should().Be("Delivered");
        Attempts(notification).Should().Equal(Peer.CutAnswerOutcome, "delivered");
        if (Peer.DropsRepeats) Seen("Cut").Should().ContainSingle();
        else ((bool)notification["mayHaveArrivedTwice"]!, Seen("Cut").Count).Should().Be((true, 2));
    }

    [Fact]
    public async Task a_message_whose_answers_are_cut_is_shown_twice_at_most()
    {
        if (Peer.DropsRepeats) return;
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.CutAnswer, count: null);
        var notification = await RaiseAsync("Always cut");
        Peer.Heal();
        Status(notification).Should().Be("Failed");
        Seen("Always cut").Should().HaveCount(2);
    }

    [Fact]
    public async Task a_server_error_passes()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.ServerError);
        var notification = await RaiseAsync("Gateway");
        Status(notification).Should().Be("Delivered");
        Attempts(notification).Should().Equal("failed", "delivered");
        ((int?)notification["attempts"]![0]!["httpStatus"]).Should().Be(Peer.ServerErrorStatus);
        Seen("Gateway").Should().ContainSingle();
    }

    [Fact]
    public async Task refused_words_are_told_in_others_or_fail_with_advice()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.RefusedWords);
        var notification = await RaiseAsync("Forbidden");
        Status(notification).Should().Be(Peer.HasOtherWords ? "Delivered" : "Failed");
        Seen("Forbidden").Should().BeEmpty();
        if (Peer.HasOtherWords) return;
        var failed = (await Host.GetAsync("notifications/failed"))["items"]!.AsArray().Single(x => (string?)x!["id"] == (string)notification["id"]!)!;
        failed.ToJsonString().Should().Contain("\"advice\"");
    }

    [Fact]
    public async Task what_has_failed_can_be_sent_again()
    {
        await RuleAsync("{name}");
        Peer.Fail(PeerFault.RefusedWords, count: null);
        var failed = await RaiseAsync("Again");
        Status(failed).Should().Be("Failed");
        Peer.Heal();
        await Host.PostAsync("notifications/resend", new { ids = new[] { (string)failed["id"]! } });
        var all = await EndedAsync(2);
        all.Select(Status).Should().BeEquivalentTo("Failed", "Delivered");
        Peer.Shown.Count(x => x.Contains("Again", StringComparison.Ordinal)).Should().Be(1);
    }

    private async Task<string> MessageAsync(string words)
    {
        var message = Peer.Message(words);
        message["name"] = $"Message {path}";
        return (string)(await Host.PostAsync("messages", message))["id"]!;
    }

    private async Task RuleAsync(string words, params JsonObject[] receivers)
    {
        var messageId = await MessageAsync(words);
        var scheduleId = (string)(await Host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        await Host.PostAsync("rules", new JsonObject
        {
            ["name"] = $"Rule {path}",
            ["criteria"] = new JsonObject { ["states"] = new JsonArray("ActiveUnacked"), ["paths"] = new JsonArray(path) },
            ["actions"] = new JsonArray(new JsonObject
            {
                ["type"] = Peer.Type,
                ["serviceId"] = fixture.ServiceId,
                ["messageId"] = messageId,
                ["scheduleId"] = scheduleId,
                ["receivers"] = new JsonArray([.. receivers.DefaultIfEmpty(Peer.Receiver)]),
            }),
        });
    }

    /// <returns>Its notification, when it has ended.</returns>
    private async Task<JsonNode> RaiseAsync(string name)
    {
        await Host.PostAsync("alarms", new { alarms = new[] { new { name, path } } });
        return (await EndedAsync(1))[0];
    }

    private Task<List<JsonNode>> EndedAsync(int count) => Eventually.GetAsync(
        NotificationsAsync, x => x.Count == count && x.TrueForAll(n => Status(n) is not ("Pending" or "Scheduled")));

    private async Task<List<JsonNode>> NotificationsAsync()
    {
        var items = (await Host.GetAsync("notifications?limit=1000"))["items"]!.AsArray();
        return [.. items.Where(x => (string?)x!["ruleName"] == $"Rule {path}").Select(x => x!)];
    }

    private static string Status(JsonNode notification) => (string)notification["status"]!;

    private static IEnumerable<string> Outcomes(JsonNode notification) =>
        notification["receivers"]!.AsArray().Select(x => (string)x!["outcome"]!);

    /// <summary>How they ended; that the platform says later what becomes of the message is no end.</summary>
    private static IEnumerable<string> Attempts(JsonNode notification) =>
        notification["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!).Where(x => x != "accepted");

    private List<string> Seen(string word) => [.. Peer.Shown.Where(x => x.Contains(word, StringComparison.Ordinal))];
}
