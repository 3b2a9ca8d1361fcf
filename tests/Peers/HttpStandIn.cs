using System.Text;

namespace Notify.Peers;

/// <summary>What goes wrong with a message that would have been shown.</summary>
/// <param name="Status">What is answered; 0: nothing, and the connection is lost if <paramref name="Acts"/>, or left waiting.</param>
/// <param name="Acts">The message is shown all the same.</param>
/// <param name="Cut">The connection is closed before the answer is whole.</param>
/// <param name="Body">The answer; null: the platform's usual one.</param>
public sealed record HttpFault(int Status, bool Acts = false, bool Cut = false, string? Body = null);

/// <summary>What a stand-in answers.</summary>
/// <param name="Show">Shows the message to its readers; null: there is nothing to show, and no fault meets the request.</param>
public sealed record StandInAnswer(int Status, string Body, Action? Show = null);

/// <summary>A platform that answers JSON over HTTP, and faults that meet the next messages.</summary>
public abstract class HttpStandIn : LoopbackServer<HttpFault>
{
    protected abstract StandInAnswer Answer(HttpRequest request, string body);

    protected sealed override async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var answer = Answer(http.Request, await reader.ReadToEndAsync(http.RequestAborted));
        var fault = answer.Show is null ? null : NextFault();
        if (fault is null or { Acts: true }) answer.Show?.Invoke();
        if (fault?.Status == 0)
        {
            await SayNothingAsync(http, isLost: fault.Acts);
            return;
        }

        http.Response.StatusCode = fault?.Status ?? answer.Status;
        http.Response.ContentType = "application/json";
        var body = Encoding.UTF8.GetBytes(fault?.Body ?? answer.Body);
        // The server closes the connection when less has been written than was announced, after what was written has left.
        http.Response.ContentLength = fault?.Cut == true ? body.Length + 1000 : body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
