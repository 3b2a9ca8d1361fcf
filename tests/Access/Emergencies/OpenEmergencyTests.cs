using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests.Emergencies;

/// <summary>Two people open an emergency, make changes in it, and a third one reviews them.</summary>
public sealed class OpenEmergencyTests(OpenEmergencyTests.EmergencyHost shared) : IClassFixture<OpenEmergencyTests.EmergencyHost>, IAsyncLifetime
{
    private readonly string night = SharedHost.NewName();
    private EmergencyHost? own;

    private EmergencyHost At => own ?? shared;
    private NotifyHost Host => At.Host;

    /// <summary>Everybody who takes part, and the policy.</summary>
    public sealed class EmergencyHost : SharedHost
    {
        public Browser First { get; private set; } = null!;
        public Browser Second { get; private set; } = null!;
        public Browser Auditor { get; private set; } = null!;
        public Browser Boss { get; private set; } = null!;
        public Browser Deputy { get; private set; } = null!;
        public Browser Shift { get; private set; } = null!;
        public Example Example { get; private set; } = null!;

        protected override string[] Settings => ["Notify:SignIn:IdleMinutes=1440", "Notify:SignIn:LongestHours=720"];

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Example = await Example.MakeAsync(Host);
            (First, Second) = (await Host.SignedInAsync("li.na", "engineer"), await Host.SignedInAsync("wang.wei", "engineer"));
            (Auditor, Shift) = (await Host.SignedInAsync("zhao.lei", "auditor"), await Host.SignedInAsync("sun.li", "operator"));
            (Boss, Deputy) = (await Host.SignedInAsync("boss", "administrator"), await Host.SignedInAsync("deputy", "administrator"));
            (await Host.PutAsync("approval-policy", 0, new { kinds = new[] { "rule", "message", "service", "user" } })).Status.Should().Be(200);
        }

        public override async Task DisposeAsync()
        {
            foreach (var browser in new[] { First, Second, Auditor, Boss, Deputy, Shift }) browser.Dispose();
            await base.DisposeAsync();
        }
    }

    public Task InitializeAsync()
    {
        // What another test has asked for or opened is over.
        At.Clock.Advance(TimeSpan.FromMinutes(76));
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => own?.DisposeAsync() ?? Task.CompletedTask;

    /// <summary>For what is about all emergencies that there are.</summary>
    private Task OnAHostOfItsOwnAsync()
    {
        own = new EmergencyHost();
        return own.InitializeAsync();
    }

    [Fact]
    public async Task two_people_open_it_and_their_changes_are_made_at_once_each_marked_and_listed()
    {
        var id = await OpenAsync();
        var before = (string?)(await Host.GetAsync($"messages/{At.Example.MessageId}"))["name"];
        var renamed = await RenameAsync(At.First, night);
        (renamed.Status, (string?)renamed.Body["name"]).Should().Be((200, night), renamed.Text);
        (await At.Second.SendAsync("POST", $"rules/{At.Example.RuleId}/disable", null, "If-Match", "*", "X-Change-Reason", "Wrong people")).Status
            .Should().Be(200);

        var emergency = await GetAsync(id);
        (string?[] changes, string?[] by) = (
            [.. emergency["changes"]!.AsArray().Select(x => $"{x!["verb"]} {x["kind"]} {x["resource"]!["name"]}: {x["difference"]![0]!["path"]}")],
            [.. emergency["changes"]!.AsArray().Select(x => (string?)x!["by"]!["name"])]);
        changes.Should().Equal($"replace message {before}: name", "disable rule Everything: status");
        by.Should().Equal("The li.na", "The wang.wei");
        var history = (await Host.GetAsync($"messages/{At.Example.MessageId}/history"))["items"]![0]!;
        ((string?)history["emergency"], history["approvedBy"]).Should().Be((id, null));
        (await Host.GetAsync($"audit?resource={At.Example.RuleId}&type=rules.rule_disabled.v1"))["items"]!.AsArray().Should().ContainSingle()
            .Which!["emergency"]!.GetValue<string>().Should().Be(id);
        (await Host.Client.GetAllFromAsync($"audit?resource={id}")).Select(x => (string?)x["type"]).Should().Equal(
            "access.emergency_requested.v1", "access.emergency_opened.v1", "access.emergency_used.v1", "access.emergency_used.v1");
        (await FindingsAsync(id)).Should().BeEmpty();
        (await ReportAsync()).Should().Contain($"\"emergency\":\"{id}\"");
    }

    [Fact]
    public async Task nothing_is_permitted_before_the_second_has_confirmed_nor_after_it_has_ended()
    {
        var id = await RequestAsync();
        (await RenameAsync(At.First, night)).Status.Should().Be(202);
        (await ConfirmAsync(At.Second, id)).Status.Should().Be(200);
        (await RenameAsync(At.First, night)).Status.Should().Be(200);
        var ended = await At.Second.SendAsync("POST", $"emergency/{id}/end", new { reason = "Mended" });
        ((string?)ended.Body["state"], (string?)ended.Body["endedWhy"]).Should().Be(("Ended", "ended"), ended.Text);
        (await RenameAsync(At.First, $"{night} and day")).Status.Should().Be(202);
        (await At.Second.SendAsync("POST", $"emergency/{id}/end")).Status.Should().Be(409);
    }

    [Fact]
    public async Task it_is_for_the_two_and_for_its_kinds()
    {
        await OpenAsync();
        (await RenameAsync(At.Boss, "Third text")).Status.Should().Be(202, "it is not theirs");
        var message = new { type = "wecom", name = "Other text", format = "text", content = "{name}" };
        (await Host.SendAsync("POST", "messages", message)).Status.Should().Be(202, "nor a program's");
        (await Host.SendAsync("POST", "users", new { userName = night, name = "New", signIn = "none" })).Status.Should().Be(202);
        (await Host.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "\"1\"")).Status.Should().Be(202);
    }

    [Fact]
    public async Task an_emergency_of_people_never_lets_the_policy_through()
    {
        var id = await RequestAsync(At.Boss, new { reason = "Nobody on call", minutes = 30, kinds = new[] { "user" }, signature = Password });
        var refused = await ConfirmAsync(At.Second, id);
        (refused.Status, refused.Detail).Should().Be((403, "This requires the permission people.manage."));
        (await ConfirmAsync(At.Deputy, id)).Status.Should().Be(200);
        (await At.Boss.SendAsync("POST", "users", new { userName = night, name = "New", signIn = "none" })).Status.Should().Be(201);
        (await At.Boss.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "\"1\"")).Status.Should().Be(202);
        (await RenameAsync(At.Boss, night)).Status.Should().Be(202, "messages are not in it");
        (await At.First.SendAsync("GET", $"emergency/{id}")).Status.Should().Be(403, "who may not read people does not read it");
    }

    [Fact]
    public async Task nobody_is_their_own_second_nor_with_a_key_nor_without_a_signature()
    {
        var id = await RequestAsync();
        var self = await ConfirmAsync(At.First, id);
        (self.Status, self.Detail).Should().Be((403, "An emergency takes two people: somebody else must confirm it."));
        var key = await Host.SendAsync("POST", $"emergency/{id}/confirm", new { signature = Password });
        (key.Status, key.Detail).Should().Be((403, "A signature is a person's: sign in, and sign with your password or a code."));
        var unsigned = await At.Second.SendAsync("POST", $"emergency/{id}/confirm", new { });
        (unsigned.Status, string.Join(',', unsigned.Faults)).Should().Be((400, "signature"));
        var wrong = await At.Second.SendAsync("POST", $"emergency/{id}/confirm", new { signature = new { password = "not the password of anybody" } });
        (wrong.Status, wrong.Detail).Should().Be((403, "The password is wrong."));
        var other = await At.Second.SendAsync("POST", $"emergency/{id}/confirm", new { signature = new { password = SigningIn.Password, meaning = "approved" } });
        (other.Status, string.Join(',', other.Faults)).Should().Be((400, "signature"));
        (await ConfirmAsync(At.Shift, id)).Status.Should().Be(403, "an operator approves nothing");
        (await RenameAsync(At.First, night)).Status.Should().Be(202);
    }

    [Fact]
    public async Task a_confirmation_sent_again_or_too_late_is_refused()
    {
        var lapsed = await RequestAsync();
        At.Clock.Advance(TimeSpan.FromMinutes(15));
        var late = await ConfirmAsync(At.Second, lapsed);
        (late.Status, late.Detail).Should().Be((409, "Nobody has confirmed this emergency in time. Ask for it again."));
        var id = await OpenAsync();
        var again = await ConfirmAsync(At.Second, id);
        (again.Status, again.Detail).Should().Be((409, "This emergency is open already."));
        var another = await At.First.SendAsync("POST", "emergency", Wanted);
        (another.Status, another.Detail).Should().Be((409, $"There is an emergency already: '{id}'. It must end first."));
    }

    [Fact]
    public async Task it_runs_out_by_itself_and_both_its_beginning_and_its_end_are_an_alarm_and_on_record()
    {
        await OnAHostOfItsOwnAsync();
        var id = await OpenAsync();
        var alarm = await AlarmAsync("Notify/Access/Emergency", "ActiveUnacked");
        ((string?)alarm["level"], (string?)alarm["description"]).Item2.Should().Contain("The li.na").And.Contain("The wang.wei").And.Contain("审批")
            .And.Contain("Gas line");
        At.Clock.Advance(TimeSpan.FromMinutes(60));
        (await RenameAsync(At.First, night)).Status.Should().Be(202);
        await AlarmAsync("Notify/Access/Emergency", "ClearedUnacked");
        var ended = await Eventually.GetAsync(() => GetAsync(id), x => (long)x["version"]! == 3);
        ((string?)ended["state"], (string?)ended["endedWhy"], (string?)ended["endedBy"]!["kind"]).Should().Be(("Ended", "ranOut", "system"));
    }

    [Fact]
    public async Task a_third_person_reviews_it_and_an_alarm_says_when_nobody_has()
    {
        await OnAHostOfItsOwnAsync();
        var id = await OpenAsync();
        (await RenameAsync(At.First, night)).Status.Should().Be(200);
        var early = await ReviewAsync(At.Auditor, id);
        (early.Status, early.Detail).Should().Be((409, "This emergency is still open: it is reviewed when it has ended."));
        (await At.Second.SendAsync("POST", $"emergency/{id}/end")).Status.Should().Be(200);
        At.Clock.Advance(TimeSpan.FromDays(7));
        var alarm = await AlarmAsync("Notify/Access/Emergency review", "ActiveUnacked");
        ((string?)alarm["description"]).Should().Contain(id);
        // A week later they sign in again.
        await At.First.SignInAsync("li.na", SigningIn.Password);
        await At.Auditor.SignInAsync("zhao.lei", SigningIn.Password);

        (await ReviewAsync(At.First, id)).Status.Should().Be(403, "an engineer reviews nothing");
        var reviewed = await ReviewAsync(At.Auditor, id);
        reviewed.Status.Should().Be(200, reviewed.Text);
        ((string?)reviewed.Body["review"]!["findings"], reviewed.Body["signatures"]!.AsArray().Count).Should().Be(("As the shift report says", 3));
        reviewed.Body["signatures"]!.AsArray().Select(x => (string?)x!["meaning"]).Should().Equal("requested", "confirmed", "reviewed");
        (await ReviewAsync(At.Auditor, id)).Status.Should().Be(409);
        await AlarmAsync("Notify/Access/Emergency review", "ClearedUnacked");
        (await FindingsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task who_was_one_of_the_two_does_not_review_it()
    {
        var id = await RequestAsync();
        (await ConfirmAsync(At.Boss, id)).Status.Should().Be(200);
        (await At.Boss.SendAsync("POST", $"emergency/{id}/end")).Status.Should().Be(200);
        var refused = await ReviewAsync(At.Boss, id);
        (refused.Status, refused.Detail).Should().Be((403, "Nobody reviews an emergency of their own. A third person must do it."));
    }

    [Theory]
    [InlineData("data = jsonb_set(data, '{until}', '\"2199-01-01T00:00:00Z\"') where type = 'access.emergency_opened.v1'")]
    [InlineData("data = jsonb_set(data, '{minutes}', '240') where type = 'access.emergency_requested.v1'")]
    [InlineData("user_name = 'user-other' where type = 'access.emergency_opened.v1'")]
    public async Task an_emergency_that_somebody_has_altered_permits_nothing_and_is_found(string forgery)
    {
        var id = await OpenAsync();
        (await RenameAsync(At.First, night)).Status.Should().Be(200);
        (await Host.ChangeAsync($"update notify.mt_events set {forgery} and stream_id = '{id}'")).Should().Be(1);
        (await RenameAsync(At.First, $"{night} and day")).Status.Should().Be(202);
        (await FindingsAsync(id)).Should().NotBeEmpty();
        (await At.Second.SendAsync("POST", $"emergency/{id}/end")).Status.Should().Be(200, "another test opens one");
    }

    [Fact]
    public async Task an_emergency_that_was_copied_in_the_database_permits_nothing()
    {
        await OnAHostOfItsOwnAsync();
        var id = await OpenAsync();
        (await At.Second.SendAsync("POST", $"emergency/{id}/end")).Status.Should().Be(200);
        var copy = $"emergency-{new string('z', 26)}";
        (await Host.ChangeAsync(
            $"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, headers, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), '{copy}', version, data, type, timestamp, mt_dotnet_type, correlation_id, headers, user_name
            from notify.mt_events where stream_id = '{id}' and version <= 2
            """)).Should().Be(2);
        ((string?)(await Host.GetAsync("emergency"))["items"]![0]!["id"]).Should().Be(copy);
        (await RenameAsync(At.First, night)).Status.Should().Be(202);
        (await FindingsAsync()).Should().HaveCount(2);

        // One that cannot be read is left out of the list, and hides none of the older ones.
        (await Host.ChangeAsync($"update notify.mt_events set data = jsonb_set(data, '{{minutes}}', '\"x\"') where stream_id = '{copy}' and version = 1"))
            .Should().Be(1);
        var page = await Host.GetAsync("emergency?limit=1");
        page["items"]!.AsArray().Should().BeEmpty();
        page = await Host.GetAsync($"emergency?limit=1&cursor={page["nextCursor"]}");
        page["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().Equal(id);
        page.Should().ContainKey("nextCursor");
        page["nextCursor"].Should().BeNull();
    }

    [Fact]
    public async Task where_nothing_needs_approval_there_is_no_emergency()
    {
        await using var free = await NotifyHost.StartAsync();
        using var boss = await free.SignedInAsync("boss", "administrator");
        var refused = await boss.SendAsync("POST", "emergency", Wanted);
        (refused.Status, refused.Detail).Should().Be((409, "No change of this kind needs approval: an emergency would permit nothing more."));
    }

    private static object Password => new { password = SigningIn.Password };

    private static object Wanted => new { reason = "Gas line: nobody is notified", minutes = 60, signature = Password };

    private async Task<string> RequestAsync(Browser? by = null, object? wanted = null)
    {
        var requested = await (by ?? At.First).SendAsync("POST", "emergency", wanted ?? Wanted);
        (requested.Status, (string?)requested.Body["state"]).Should().Be((201, "Requested"), requested.Text);
        requested.Text.Should().NotContain(SigningIn.Password);
        return requested.Id;
    }

    private async Task<string> OpenAsync()
    {
        var id = await RequestAsync();
        var confirmed = await ConfirmAsync(At.Second, id);
        (confirmed.Status, (string?)confirmed.Body["state"]).Should().Be((200, "Open"), confirmed.Text);
        return id;
    }

    private static Task<RestAnswer> ConfirmAsync(Browser by, string id) =>
        by.SendAsync("POST", $"emergency/{id}/confirm", new { signature = Password });

    private static Task<RestAnswer> ReviewAsync(Browser by, string id) =>
        by.SendAsync("POST", $"emergency/{id}/review", new { findings = "As the shift report says", signature = Password });

    private async Task<RestAnswer> RenameAsync(Browser by, string name)
    {
        var message = await Host.GetAsync($"messages/{At.Example.MessageId}");
        message["name"] = name;
        return await by.SendAsync("PUT", $"messages/{At.Example.MessageId}", message, "If-Match", "*");
    }

    private Task<JsonObject> GetAsync(string id) => Host.GetAsync($"emergency/{id}");

    private async Task<JsonObject> AlarmAsync(string path, string state) =>
        (await Eventually.GetAsync(() => Host.GetAsync($"alarms?path={path}&state={state}"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!.AsObject();

    private async Task<string> ReportAsync()
    {
        var replay = await Host.PostAsync(
            "replays", new { mode = "review", from = At.Clock.GetUtcNow().AddHours(-1), to = At.Clock.GetUtcNow(), reason = "What was changed?" });
        await Eventually.GetAsync(() => Host.GetAsync($"replays/{replay["id"]}"), x => (string?)x["status"] == "Completed");
        return (await Host.SendAsync("GET", $"replays/{replay["id"]}/report?format=json")).Text;
    }

    private async Task<List<string>> FindingsAsync(string of = "") =>
    [
        .. (await Host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Where(x => (string?)x!["kind"] == "signature")
            .Select(x => x!.ToJsonString()).Where(x => x.Contains(of, StringComparison.Ordinal)),
    ];
}
