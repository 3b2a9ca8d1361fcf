using System.Globalization;
using System.Text;
using Notify.Access.People;
using Notify.Kernel;

namespace Notify.Access.Verifying;

/// <summary>Which passwords are accepted: long ones that are hard to guess, without rules of composition (NIST SP 800-63B, 3.1.1.2). zxcvbn estimates
/// how hard; it knows common passwords, words, names, dates and keyboard patterns, also with letters replaced by digits.</summary>
public static class PasswordRules
{
    /// <summary>In characters.</summary>
    public const int MinLength = 12;
    public const int MaxLength = 256;

    /// <summary>The score of zxcvbn, 0 to 4. 3: guessing takes more than 10^6 seconds at 10,000 guesses a second.</summary>
    private const int MinScore = 3;

    /// <summary>How many characters zxcvbn looks at, since its time grows faster than the length. Further characters only make a password harder to
    /// guess.</summary>
    private const int MostEstimated = 64;

    /// <summary>Lazy, since it loads its dictionaries.</summary>
    private static readonly Lazy<Zxcvbn.Zxcvbn> estimator = new(() => new Zxcvbn.Zxcvbn());

    private static readonly string[] ofNotify = ["notify", "alarm", "alarms", "notification", "administrator", "operator", "password"];

    /// <summary>Unicode normalisation, so that the same password typed on different keyboards is equal.</summary>
    public static string Normalize(string password) => password.Normalize(NormalizationForm.FormKC);

    /// <summary>Words about the user, which would be guessed first.</summary>
    public static IEnumerable<string?> About(User user) => [user.Settings.UserName, user.Name, user.Settings.Email];

    /// <param name="path">The field of the request.</param>
    /// <param name="about">Words about the user (<see cref="About"/>).</param>
    public static void Check(string? password, string path, Errors errors, IEnumerable<string?> about)
    {
        if (string.IsNullOrEmpty(password))
        {
            errors.Add(path, "A password is required.");
            return;
        }

        var length = password.EnumerateRunes().Count();
        if (length < MinLength) errors.Add(path, $"A password has at least {MinLength} characters. Several unrelated words are easy to remember.");
        else if (length > MaxLength) errors.Add(path, $"A password has at most {MaxLength} characters.");
        else if (IsEasyToGuess(Normalize(password), [.. about.OfType<string>().SelectMany(Parts).Distinct(StringComparer.OrdinalIgnoreCase)]))
            errors.Add(path, "This password is too easy to guess: it consists of common words, names, dates or patterns. Use several unrelated words.");
    }

    private static bool IsEasyToGuess(string password, IReadOnlyList<string> about)
    {
        var estimated = password.Length > MostEstimated ? password[..MostEstimated] : password;
        return estimator.Value.EvaluatePassword(estimated, ofNotify.Concat(about)).Score < MinScore;
    }

    /// <summary>The whole text and its words.</summary>
    private static IEnumerable<string> Parts(string text) =>
        text.Split([' ', '.', '-', '_', '@', ','], StringSplitOptions.RemoveEmptyEntries).Where(x => x.Length > 2).Prepend(text)
            .Select(x => x.ToLower(CultureInfo.InvariantCulture));
}
