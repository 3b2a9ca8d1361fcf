using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Proofs.Format;
using Notify.Kernel.Secrets;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Sends each checkpoint to an external address (<c>Notify:Audit:CheckpointWebhook</c>), as the text of the signed note. Nothing waits for it. While
/// the address does not answer, the newest 100 are kept; a later checkpoint covers all before it.
/// </summary>
public sealed class CheckpointWebhook(
    IConfiguration configuration, KnownSecrets known, ILogger<CheckpointWebhook> logger, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan longestPause = TimeSpan.FromMinutes(5);

    private readonly string? address = configuration["Notify:Audit:CheckpointWebhook"] is { Length: > 0 } given ? given : null;
    private readonly Channel<SignedNote> notes = Channel.CreateBounded<SignedNote>(
        new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Send(SignedNote note)
    {
        if (address is not null) notes.Writer.TryWrite(note);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (address is null) return;
        // The address may contain the receiver's key, so it is kept out of the log.
        known.AddChosen(address);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        { Timeout = TimeSpan.FromSeconds(10) };
        await foreach (var note in notes.Reader.ReadAllAsync(stoppingToken))
        {
            for (var pause = TimeSpan.FromSeconds(1); !await TrySendAsync(http, note, stoppingToken); pause = pause * 2 < longestPause
                ? pause * 2 : longestPause)
                await Task.Delay(pause, time, stoppingToken);
        }
    }

    private async Task<bool> TrySendAsync(HttpClient http, SignedNote note, CancellationToken cancellation)
    {
        try
        {
            using var content = new StringContent(note.ToString());
            using var answer = await http.PostAsync(new Uri(address!), content, cancellation);
            if (answer.IsSuccessStatusCode) return true;
            logger.LogWarning("The checkpoint webhook answered {Status}; trying again", (int)answer.StatusCode);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            logger.LogWarning("The checkpoint webhook did not answer ({Reason}); trying again", known.Strike(e.Message));
        }

        return false;
    }
}
