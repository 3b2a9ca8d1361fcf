using System.Diagnostics;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Alarms.Mqtt;

/// <summary>The only MQTT client of this installation. A message is acknowledged to the broker only after its alarms are committed; the broker
/// redelivers others. While Notify is down, the broker keeps messages in the session. One node at a time is connected, under a lease; after it,
/// another continues the same session.</summary>
public sealed class MqttConnection : Worker
{
    private const string OwnPath = "Notify/Mqtt";
    private const string Unreachable = "MQTT broker cannot be reached";
    private const string Refused = "MQTT messages cannot be read";
    private const string Untaken = "MQTT broker refuses states";

    private const int BatchSize = 500;
    private static readonly TimeSpan renewal = TimeSpan.FromSeconds(2);

    /// <summary>After this time the broker has redelivered unacknowledged messages to a new connection.</summary>
    private static readonly TimeSpan cleaning = TimeSpan.FromMinutes(1);

    /// <summary>How long nothing must be refused before the alarm about it is cleared.</summary>
    private static readonly TimeSpan quiet = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan outPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan longestPause = TimeSpan.FromSeconds(30);

    private static readonly GuardedCounter messages = Telemetry.Counter(
        "notify.mqtt.messages", "{message}", "Messages received from the MQTT broker, by outcome.");

    private readonly MqttSettings settings;
    private readonly NpgsqlDataSource database;
    private readonly AlarmWriter writer;
    private readonly MqttMessages reader;
    private readonly OwnAlarms alarms;
    private readonly ThisNode node;
    private readonly TimeProvider time;
    private readonly IMqttClient client;
    private readonly MqttTopicMatch topics;

    private Channel<MqttApplicationMessageReceivedEventArgs>? received;
    private Task? taking;
    private volatile bool isSubscribed;
    private int failures;
    private DateTimeOffset nextTry;
    private DateTimeOffset? awaySince;
    private bool toldAway;
    private DateTimeOffset? refusedAt;
    private DateTimeOffset? untakenAt;
    private DateTimeOffset? cleanAt;

    public MqttConnection(
        MqttSettings settings, NpgsqlDataSource database, AlarmWriter writer, OwnAlarms alarms, KnownSecrets secrets, ThisNode node,
        Gauges gauges, TimeProvider time, ILogger<MqttConnection> logger)
        : base("MQTT", logger)
    {
        (this.settings, this.database, this.writer, this.alarms, this.node, this.time) = (settings, database, writer, alarms, node, time);
        reader = new(secrets, time);
        topics = new(settings.Topics);
        if (settings.Password is { Length: > 0 } password) secrets.AddChosen(password);
        client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += args =>
        {
            // Acknowledged after the commit. A message with QoS 0 has no acknowledgement and no guarantee; it is dropped when too many wait.
            args.AutoAcknowledge = false;
            if (received is not { } queue) return Task.CompletedTask;
            var isPromised = args.ApplicationMessage.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;
            if (!isPromised && queue.Reader.Count > 10 * MqttOptions.MostUnacknowledged) Count("dropped", 1);
            else queue.Writer.TryWrite(args);
            return Task.CompletedTask;
        };
        gauges.Add("notify.mqtt.connected", () => IsReady ? 1 : 0, null, "Whether this node is connected to the MQTT broker.");
    }

    private bool IsReady => isSubscribed && client.IsConnected;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await LeaveAsync();
        try
        {
            await MqttTables.ReleaseAsync(database, node.Id, cancellationToken);
        }
        catch (Exception e) when (StoreFault.Passes(e))
        {
            // The lease expires by itself.
        }
    }

    public override void Dispose()
    {
        client.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (!await MqttTables.ClaimAsync(database, node.Id, cancellation))
        {
            await LeaveAsync();
            awaySince = null;
            return renewal;
        }

        if (!IsReady && !await ConnectAsync(cancellation)) return renewal;
        if (cleanAt is { } due && Instants.IsOver(due, cleaning, time.GetUtcNow()))
        {
            cleanAt = time.GetUtcNow() + cleaning;
            await MqttTables.ForgetAsync(database, (2 * settings.KeepAlive) + cleaning, cancellation);
        }

        if (refusedAt is { } at && Instants.HasPassed(quiet, at, time.GetUtcNow()))
        {
            refusedAt = null;
            await TellAsync(Refused, null);
        }

        if (untakenAt is { } since && Instants.HasPassed(quiet, since, time.GetUtcNow()))
        {
            untakenAt = null;
            await TellAsync(Untaken, null);
        }

        if (!settings.PublishesStates) return renewal;
        return await PublishAsync(cancellation) ? TimeSpan.Zero : outPause;
    }

    private async Task<bool> ConnectAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        awaySince ??= now;
        if (!Instants.IsOver(nextTry, longestPause, now)) return false;
        await LeaveAsync();
        try
        {
            var queue = Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>(new() { SingleReader = true, SingleWriter = true });
            received = queue;
            taking = Task.Run(() => TakeAsync(queue.Reader), CancellationToken.None);
            await client.ConnectAsync(MqttOptions.Of(settings), cancellation);
            foreach (var topic in settings.Topics)
            {
                var filter = topic.ToFilter();
                if (settings.Version == "5") filter = filter.WithNoLocal();
                var answer = await client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [filter.Build()] }, cancellation);
                if (answer.Items.FirstOrDefault(x => x.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refusal)
                    throw new AuthenticationException($"The broker does not let '{topic.Filter}' be subscribed: {refusal.ResultCode}.");
            }

            isSubscribed = true;
            (failures, cleanAt) = (0, now + cleaning);
            Logger.LogInformation("MQTT: connected to {Broker} as {Client}", settings.Broker, settings.ClientId);
            awaySince = null;
            toldAway = false;
            await TellAsync(Unreachable, null, again: true);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(longestPause.TotalSeconds, Math.Pow(2, Math.Min(failures++, 10))));
            nextTry = time.GetUtcNow() + pause;
            var why = FaultText.Of(e);
            if (failures == 1 || toldAway) Logger.LogWarning("MQTT: {Broker} cannot be reached: {Fault}", settings.Broker, why);
            await LeaveAsync();
            if (awaySince is { } away && Instants.HasPassed(TimeSpan.FromSeconds(15), away, time.GetUtcNow()))
            {
                await TellAsync(
                    Unreachable, $"{settings.Broker}: {why} Alarms that come by it wait at the broker. MQTT 代理无法连接，经由它的报警在代理处等待。", again: !toldAway);
                toldAway = true;
            }

            return false;
        }
    }

    /// <summary>Disconnects. Received messages that are not committed are not acknowledged, and will be redelivered.</summary>
    private async Task LeaveAsync()
    {
        isSubscribed = false;
        received?.Writer.TryComplete();
        received = null;
        if (taking is { } task)
        {
            taking = null;
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            if (client.IsConnected) await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
        }
        catch (Exception e)
        {
            Logger.LogDebug(e, "MQTT: leaving the broker failed");
        }
    }

    /// <param name="Id">The same for every attempt to record the message.</param>
    private sealed record Incoming(MqttApplicationMessageReceivedEventArgs Args, string Id);

    private sealed record Refusal(string Topic, string Payload, string Why);

    /// <summary>Records all waiting messages, in order, one batch after another.</summary>
    private async Task TakeAsync(ChannelReader<MqttApplicationMessageReceivedEventArgs> queue)
    {
        var batch = new List<Incoming>(BatchSize);
        while (await queue.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < BatchSize && queue.TryRead(out var one)) batch.Add(new(one, Ids.NewGuid(time.GetUtcNow()).ToString("N")));
            if (await RecordAsync(batch, queue) is not { } refused) return;
            await AcknowledgeAsync(batch);
            Count("recorded", batch.Count - refused.Count);
            if (refused.Count > 0) await TellRefusedAsync(refused);
        }
    }

    /// <summary>Tries until the batch is committed.</summary>
    /// <returns>The messages that are not alarms; null: the connection was given up before.</returns>
    private async Task<List<Refusal>?> RecordAsync(List<Incoming> batch, ChannelReader<MqttApplicationMessageReceivedEventArgs> queue)
    {
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause < longestPause ? pause * 2 : longestPause)
        {
            try
            {
                return await RecordAsync(batch);
            }
            catch (Exception e)
            {
                // Nothing of the batch is acknowledged, and no later message overtakes it.
                if (queue.Completion.IsCompleted || received is null) return null;
                Logger.LogWarning("MQTT: {Count} messages could not be recorded and are not acknowledged; trying again: {Fault}", batch.Count,
                    FaultText.Of(e));
                await Task.Delay(pause, time);
            }
        }
    }

    private async Task<List<Refusal>> RecordAsync(List<Incoming> batch)
    {
        var (commands, refused) = (new List<AlarmCommand>(), new List<Refusal>());
        var tracked = new List<(int Packet, string Hash, string Id)>();
        var again = batch.Where(x => x.Args.ApplicationMessage.Dup).Select(x => (int)x.Args.PacketIdentifier).ToArray();
        var seen = again.Length == 0 ? [] : await MqttTables.SeenAsync(database, again, CancellationToken.None);
        foreach (var (args, own) in batch)
        {
            var message = args.ApplicationMessage;
            var payload = System.Buffers.BuffersExtensions.ToArray(message.Payload);
            var hash = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(message.Topic), 0, .. payload]))[..32];
            var id = message.Dup && seen.TryGetValue((args.PacketIdentifier, hash), out var first) ? first : own;
            if (args.PacketIdentifier > 0) tracked.Add((args.PacketIdentifier, hash, id));
            if (topics.Of(message.Topic) is not { } mapping) continue;
            var (read, faults) = reader.Read(message.Topic, payload, mapping, id);
            commands.AddRange(read);
            if (faults.Count > 0) refused.Add(new(message.Topic, Encoding.UTF8.GetString(payload), string.Join(' ', faults)));
        }

        if (tracked.Count > 0) await MqttTables.SeeAsync(database, [.. tracked.DistinctBy(x => x.Packet)], CancellationToken.None);
        foreach (var part in commands.Chunk(BatchSize)) await writer.WriteAsync(part);
        return refused;
    }

    /// <summary>Each message is acknowledged once only: the batch is committed, so nothing that fails here may hold up those after it.</summary>
    private async Task AcknowledgeAsync(List<Incoming> batch)
    {
        var acknowledged = new List<int>(batch.Count);
        try
        {
            foreach (var (args, _) in batch)
            {
                if (args.PacketIdentifier == 0) continue;
                await args.AcknowledgeAsync(CancellationToken.None);
                acknowledged.Add(args.PacketIdentifier);
            }
        }
        catch (Exception e)
        {
            Logger.LogWarning("MQTT: {Count} recorded messages could not be acknowledged: {Fault}", batch.Count - acknowledged.Count, FaultText.Of(e));
            // The broker delivers them again only to a new connection.
            isSubscribed = false;
        }

        try
        {
            if (acknowledged.Count > 0) await MqttTables.AcknowledgedAsync(database, [.. acknowledged], CancellationToken.None);
        }
        catch (Exception e)
        {
            // They are forgotten later.
            Logger.LogWarning("MQTT: it could not be noted that {Count} messages are acknowledged: {Fault}", acknowledged.Count, FaultText.Of(e));
        }
    }

    private async Task TellRefusedAsync(List<Refusal> refused)
    {
        Count("refused", refused.Count);
        var (topic, _, why) = refused[0];
        Logger.LogWarning("MQTT: {Count} messages are not valid alarms; the first, from {Topic}: {Fault}", refused.Count, topic, why);
        refusedAt = time.GetUtcNow();
        try
        {
            await TellAsync(
                Refused, $"{topic}: {why} Correct what is sent there, or its mapping. 该主题的消息不是报警，请更正发送方或映射。");
            if (settings.RejectedTopic is not { Length: > 0 } rejected) return;
            foreach (var (from, payload, fault) in refused)
                await client.PublishStringAsync(
                    rejected, JsonSerializer.Serialize(new { Topic = from, Fault = fault, Payload = payload }, NotifyJson.Options),
                    MqttQualityOfServiceLevel.AtLeastOnce);
        }
        catch (Exception e)
        {
            // They are acknowledged: nothing brings them back.
            Logger.LogWarning("MQTT: messages that are not valid alarms could not be passed on: {Fault}", FaultText.Of(e));
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> PublishAsync(CancellationToken cancellation)
    {
        var waiting = await ToldStates.WaitingAsync(database, BatchSize, cancellation);
        if (waiting.Count == 0) return false;
        var done = new List<long>();
        (string Topic, MqttClientPublishReasonCode Code)? untaken = null;
        var isHeld = false;
        try
        {
            foreach (var state in waiting)
            {
                var topic = MqttTopicName.Of(settings.StatesTopic!, state.Body);
                var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(state.Body).WithRetainFlag(settings.StatesRetain)
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithContentType("application/json").Build();
                var answer = await client.PublishAsync(message, cancellation);
                if (answer.ReasonCode == MqttClientPublishReasonCode.QuotaExceeded)
                {
                    Logger.LogInformation("MQTT: the broker takes no more states for now; they wait");
                    isHeld = true;
                    break;
                }

                if (!answer.IsSuccess)
                {
                    Logger.LogWarning("MQTT: the broker refused a state published to {Topic}: {Reason}", topic, answer.ReasonCode);
                    untaken ??= (topic, answer.ReasonCode);
                }

                // A refused state is dropped: it would hold up the states of all other alarms for as long as the broker refuses its topic.
                done.Add(state.Position);
            }
        }
        catch (Exception e) when (!StoreFault.Passes(e) && e is not OperationCanceledException)
        {
            // A broker may also close the connection after a refusal.
            Logger.LogWarning("MQTT: a state could not be published and waits: {Fault}", FaultText.Of(e));
            isHeld = true;
        }
        finally
        {
            if (done.Count > 0) await ToldStates.PublishedAsync(database, [.. done], CancellationToken.None);
            // Also when the next publication failed: what was dropped is not tried again.
            if (untaken is var (refused, code)) await TellUntakenAsync(refused, code);
        }

        return !isHeld && waiting.Count == BatchSize;
    }

    /// <summary>The alarm's own state is published too, and may be refused like the others: what is known is not told again.</summary>
    private async Task TellUntakenAsync(string topic, MqttClientPublishReasonCode code)
    {
        if (untakenAt is null) await TellAsync(
            Untaken, $"{topic}: {code}. Such states are not published. Let the user of Notify publish there. 代理拒绝发布该主题，报警状态未发出，请授予发布权限。", again: true);
        untakenAt = time.GetUtcNow();
    }

    /// <param name="active">Null: all is well again.</param>
    /// <param name="again">The connection may have been another node's in the meantime, which may have told the opposite.</param>
    private async Task TellAsync(string name, string? active, bool again = false)
    {
        try
        {
            var source = $"notify/alarms/mqtt/{name switch { Unreachable => "connection", Refused => "messages", _ => "states" }}";
            var alarm = new RaiseAlarm(
                source, name, OwnPath, AlarmLevel.High, active is null ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked, active ?? "");
            await alarms.TellAsync(source, active, alarm, again);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.LogWarning(e, "MQTT: an alarm about the connection could not be raised");
        }
    }

    private static void Count(string outcome, int count)
    {
        if (count > 0) messages.Add(count, new TagList { { "outcome", outcome } });
    }
}
